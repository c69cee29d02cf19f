"""The permissions that an address asks for."""

import pytest

from consent.diagnosis.linting import findings as say
from tests.consent.diagnosis.addresses import (
    GRAPH_HOST,
    MIXED,
    OTHER,
    adminconsent,
    authorize,
    of,
    said,
)


@pytest.mark.parametrize(
    ("scope", "findings"),
    [
        ("Mail.Read User.Read", [(say.SCOPE_AS_REGISTERED,)]),
        ("openid profile mail.read USER.READ", [(say.SCOPE_AS_REGISTERED,)]),
        (f"{GRAPH_HOST}/Mail.Read {GRAPH_HOST}/User.Read", [(say.SCOPE_AS_REGISTERED,)]),
        (None, [(say.SCOPE_MISSING,)]),
        (" ", [(say.SCOPE_MISSING,)]),
        ("User.Read,Mail.Read", [(say.SCOPE_COMMAS,), (say.SCOPE_AS_REGISTERED,)]),
        ("User.Read;Mail.Read", [(say.SCOPE_COMMAS,), (say.SCOPE_AS_REGISTERED,)]),
        ("User.Read", [(say.SCOPE_FEWER, "Mail.Read")]),
        ("User.Read Mail.Read Mail.Send", [(say.SCOPE_BEYOND, "Mail.Send")]),
        (
            "Mail.Send",
            [(say.SCOPE_BEYOND, "Mail.Send"), (say.SCOPE_FEWER, "Mail.Read", "User.Read")],
        ),
        (".default", [(say.SCOPE_DEFAULT,)]),
        (f"{GRAPH_HOST}/.default openid", [(say.SCOPE_DEFAULT,)]),
        (f"{GRAPH_HOST}/.default Mail.Read", [(say.SCOPE_MIXED, "Mail.Read")]),
        (
            "User.Read Mail.Read Mail.Raed",
            [(say.SCOPE_UNKNOWN, "Mail.Raed"), (say.SCOPE_AS_REGISTERED,)],
        ),
        (
            "User.Read Mail.Read Mail.ReadBasic.All",
            [(say.SCOPE_APPLICATION, "Mail.ReadBasic.All"), (say.SCOPE_AS_REGISTERED,)],
        ),
    ],
)
def test_scopes_of_an_admin_consent_address(scope, findings):
    assert of("scope", adminconsent(scope=scope)) == findings


def test_scopes_by_name_of_an_app_with_application_permissions():
    assert of("scope", adminconsent(scope="Mail.Read"), MIXED) == [
        (say.SCOPE_DEFAULT_NEEDED, "Directory.Read.All", "Mail.Read"),
        (say.SCOPE_AS_REGISTERED,),
    ]


def test_scopes_of_an_unknown_app_are_read_by_name_alone():
    found = [
        of("scope", adminconsent(client_id=OTHER, scope=scope)) for scope in ("Mail.Read", "Nope.X")
    ]

    assert found == [[(say.SCOPE_READABLE,)], [(say.SCOPE_UNKNOWN, "Nope.X")]]


@pytest.mark.parametrize(
    ("scope", "findings"),
    [
        ("User.Read", [(say.SCOPE_WITHIN,)]),
        ("User.Read Mail.Read", [(say.SCOPE_AS_REGISTERED,), (say.SCOPE_MANAGED, "Mail.Read")]),
        (
            "User.Read Group.Read.All",
            [(say.SCOPE_BEYOND, "Group.Read.All"), (say.SCOPE_NEEDS_ADMIN, "Group.Read.All")],
        ),
        (f"{GRAPH_HOST}/.default", [(say.SCOPE_DEFAULT_AT_SIGN_IN,)]),
        ("api://of-somebody/Access.All", [(say.SCOPE_BEYOND, "Access.All")]),
    ],
)
def test_scopes_of_a_sign_in_address(scope, findings):
    assert of("scope", authorize(scope=scope)) == findings


def test_old_addresses():
    sign_in = authorize(path="oauth2/authorize", resource=GRAPH_HOST, prompt="admin_consent")
    approval = adminconsent(path="adminconsent", scope=None)

    assert said(sign_in)[:1] + of("scope", sign_in) + of("prompt", sign_in) == [
        ("address", say.V1_AUTHORIZE),
        (say.SCOPE_AT_V1,),
        (say.PROMPT_ADMIN,),
    ]
    assert of("resource", sign_in) == []
    assert said(approval) == [
        ("address", say.V1_ADMINCONSENT),
        ("tenant", say.TENANT_GUID),
        ("client_id", say.CLIENT_OURS),
        ("redirect_uri", say.REDIRECT_OURS),
        ("state", say.STATE_FINE),
    ]
