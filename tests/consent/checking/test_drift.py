"""What our pages and proofs rely on, and the registration at Entra does not have."""

import pytest

from consent.checking.drift import misfits
from tests.consent.checking.test_registration import registered
from tests.factories import AppRegistrationFactory

pytestmark = pytest.mark.django_db
ROLELESS = {"group_membership_claims": frozenset({"SecurityGroup"})}


@pytest.mark.parametrize(
    ("row", "entra", "told"),
    [
        ({}, {}, []),
        ({}, {"redirect_uris": frozenset({"http://localhost:8000/consent/return/"})}, ["address"]),
        ({}, {"is_multi_tenant": False}, ["audience"]),
        ({}, ROLELESS, ["roles"]),
        ({"shows_roles": False}, ROLELESS, []),
        ({"needs": ["application Mail.Read"]}, ROLELESS, []),
        ({}, {"verified_publisher": None}, []),
        ({"publisher_verified": True}, {"verified_publisher": None}, ["publisher"]),
        (
            {"publisher_verified": True},
            {"redirect_uris": frozenset(), "verified_publisher": None},
            ["address", "publisher"],
        ),
    ],
)
def test_what_is_not_as_it_has_to_be_has_a_word(row, entra, told):
    app = AppRegistrationFactory(**row)

    assert misfits(app, registered(app, **entra)) == told
