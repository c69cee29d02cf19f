"""What may stand in the way of a proof by sign-in."""

from dataclasses import replace

import pytest

from consent import proofs
from consent.errands import Errand, unseal
from consent.proofs import Arrival
from tenants.microsoft.errors import SignInRefusal
from tenants.microsoft.login import ForeignReturn
from tenants.microsoft.permissions import GRAPH
from tests.consent.proof_stage import RESULT, asked, browser_of, claimed, evidence, prove
from tests.factories import (
    AppRegistrationFactory,
    ConsentRequestFactory,
    guid,
)
from tests.tenants.microsoft.stage import grant

pytestmark = pytest.mark.django_db

ADMIN = "admin@contoso.example"
ANA = "ana@contoso.example"


def test_another_person_at_the_second_hop_proves_nothing(microsoft):
    microsoft.control(grant("contoso", "acme-calendar"))
    browser, attempt = browser_of(microsoft, ANA), claimed(asked())
    errand = replace(proofs.errand_for(attempt, RESULT), stage=GRAPH, person=guid("somebody"))

    arrival, _hops = prove(browser, errand)

    assert arrival.refusal == SignInRefusal.SEVERAL_ACCOUNTS
    assert evidence() == [("coverage", "several_accounts", guid("somebody"))]


def test_return_of_another_sign_in_writes_nothing(microsoft):
    request = asked()
    hop = proofs.begin(Errand(request.pk, RESULT))

    with pytest.raises(ForeignReturn):
        proofs.come_back(unseal(hop.sealed), {"state": "made-up", "code": "x"})

    assert evidence() == []


def test_microsoft_out_of_order_on_the_way_back_is_no_answer(microsoft):
    microsoft.control(grant("contoso", "acme-calendar"))
    browser, request = browser_of(microsoft, ADMIN), asked()
    hop = proofs.begin(Errand(request.pk, RESULT))
    query = browser.visit(hop.address)
    microsoft.control({"faults": {"token": {"503": 1}}})

    arrival = proofs.come_back(unseal(hop.sealed), query)

    assert (arrival.refusal, evidence()) == (SignInRefusal.OTHER, [("identity", "other", "")])


def test_credential_lost_on_the_way_back_is_no_answer(microsoft, settings):
    hop = proofs.begin(Errand(asked().pk, RESULT))
    settings.MICROSOFT_CREDENTIALS = {}

    arrival = proofs.come_back(unseal(hop.sealed), {"state": "x"})

    assert (arrival.refusal, evidence()) == (SignInRefusal.OTHER, [("identity", "other", "")])


def test_sign_in_that_cannot_begin_arrives_at_once(microsoft, settings):
    request = asked()
    microsoft.control({"faults": {"metadata": {"503": 1}}})
    errand = Errand(request.pk, RESULT)
    assert proofs.begin(errand) == Arrival(RESULT, SignInRefusal.OTHER)

    settings.MICROSOFT_CREDENTIALS = {}
    assert proofs.begin(errand) == Arrival(RESULT, SignInRefusal.OTHER)
    assert evidence() == []


@pytest.mark.parametrize(
    ("app", "provable"),
    [
        ({}, True),
        ({"credential": ""}, False),
        ({"needs": ["application Mail.Read"]}, False),
        ({"needs": ["offline_access"]}, False),
        ({"needs": ["User.Read", "application Mail.Read"]}, True),
    ],
)
def test_sign_in_proves_something_only_of_our_app_with_delegated_permissions(app, provable):
    request = ConsentRequestFactory(app=AppRegistrationFactory(**app))

    assert proofs.can_prove(request) is provable
