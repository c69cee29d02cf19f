"""Returns from a sign-in that bring no token, or bring trouble."""

import pytest

from tenants.microsoft import login
from tenants.microsoft.errors import (
    MicrosoftError,
    OwnCredentialBroken,
    SignInRefusal,
    SignInRefused,
    Throttled,
)
from tenants.microsoft.login import ForeignReturn
from tests.tenants.microsoft.stage import (
    APP,
    PERSON,
    TENANT,
    Credential,
    begin,
    credential_of,
    finish,
    grant,
    set_of,
)

CONTOSO = TENANT["contoso"]


@pytest.mark.parametrize(
    ("account", "hint", "kind"),
    [
        (None, None, SignInRefusal.LOGIN_REQUIRED),
        ("ana@contoso.example", "ben@contoso.example", SignInRefusal.LOGIN_REQUIRED),
        ("ana@contoso.example", None, SignInRefusal.NOT_COVERED),
    ],
)
def test_silent_sign_in_that_is_refused_says_why(sandbox, microsoft, browser, account, hint, kind):
    microsoft.control(grant("contoso", "acme-calendar", permissions=["openid", "profile"]))
    if account:
        browser.sign_in(begin(sandbox, prompt="select_account").address, account)
    trip = begin(sandbox, scopes=set_of(sandbox), hint=hint)

    with pytest.raises(SignInRefused) as caught:
        finish(sandbox, trip, browser.visit(trip.address))
    assert caught.value.kind == kind


def test_silent_sign_in_with_several_accounts(sandbox, admin):
    admin.sign_in(begin(sandbox, prompt="select_account").address, "ana@contoso.example")
    trip = begin(sandbox)

    with pytest.raises(SignInRefused) as caught:
        finish(sandbox, trip, admin.visit(trip.address))
    assert (caught.value.kind, caught.value.code) == (
        SignInRefusal.SEVERAL_ACCOUNTS,
        "AADSTS16000",
    )


def test_silent_sign_in_of_somebody_not_assigned(sandbox, microsoft, browser):
    microsoft.control(grant("contoso", "acme-calendar"))
    browser.sign_in(begin(sandbox, prompt="select_account").address, "ana@contoso.example")
    microsoft.control({"tenants": {"contoso.example": {"assignment_required": True}}})
    trip = begin(sandbox, hint="ana@contoso.example")

    with pytest.raises(SignInRefused) as caught:
        finish(sandbox, trip, browser.visit(trip.address))
    assert caught.value.kind == SignInRefusal.NOT_ASSIGNED


@pytest.mark.parametrize(
    "query",
    [{}, {"code": "c"}, {"code": "c", "state": "another"}, {"error": "x", "state": ""}],
)
def test_return_with_a_foreign_state_is_foreign(sandbox, query):
    with pytest.raises(ForeignReturn):
        finish(sandbox, begin(sandbox), query)


def test_return_to_a_flow_without_state_is_foreign(sandbox):
    with pytest.raises(ForeignReturn):
        login.finish_sign_in(sandbox, CONTOSO, credential_of("acme-calendar"), {}, {"state": ""})


def test_return_without_code_or_error_is_refused(sandbox):
    trip = begin(sandbox)

    with pytest.raises(SignInRefused) as caught:
        finish(sandbox, trip, {"state": trip.flow["state"]})
    assert caught.value.kind == SignInRefusal.OTHER


def test_return_that_was_declined(sandbox):
    trip = begin(sandbox)
    told = {"error": "access_denied", "error_subcode": "cancel", "state": trip.flow["state"]}

    with pytest.raises(SignInRefused) as caught:
        finish(sandbox, trip, told)
    assert caught.value.kind == SignInRefusal.DECLINED


def test_return_twice_with_the_same_code_is_refused(sandbox, admin):
    trip = begin(sandbox)
    query = admin.visit(trip.address)
    finish(sandbox, trip, query)

    with pytest.raises(SignInRefused) as caught:
        finish(sandbox, trip, query)
    assert (caught.value.kind, caught.value.code) == (SignInRefusal.OTHER, "AADSTS54005")


def test_return_with_another_sign_ins_verifier_is_refused(sandbox, admin):
    trip, other = begin(sandbox), begin(sandbox)
    query = admin.visit(trip.address)
    mixed = {**trip.flow, "code_verifier": other.flow["code_verifier"]}

    with pytest.raises(SignInRefused) as caught:
        login.finish_sign_in(sandbox, CONTOSO, credential_of("acme-calendar"), mixed, query)
    assert caught.value.code == "AADSTS501481"


def test_return_with_a_broken_credential_is_our_own_fault(sandbox, admin):
    trip = begin(sandbox)
    query = admin.visit(trip.address)
    broken = Credential(APP["acme-calendar"].client_id, secret="old")

    with pytest.raises(OwnCredentialBroken):
        login.finish_sign_in(sandbox, CONTOSO, broken, trip.flow, query)


def test_return_while_the_token_endpoint_is_throttled(sandbox, microsoft, admin):
    trip = begin(sandbox)
    query = admin.visit(trip.address)
    microsoft.control({"faults": {"token": {"429_text": 1.0, "retry_after": 2.5}}})

    with pytest.raises(Throttled) as caught:
        finish(sandbox, trip, query)
    assert caught.value.retry_after == 2.5


def test_sign_in_after_microsoft_changed_its_keys(sandbox, microsoft, admin):
    trip = begin(sandbox)
    finish(sandbox, trip, admin.visit(trip.address))
    microsoft.control({"reset": True})
    microsoft.control(grant("contoso", "acme-calendar"))
    again = begin(sandbox, prompt="select_account")
    query = admin.sign_in(again.address, "admin@contoso.example")

    signed_in = finish(sandbox, again, query)

    assert signed_in.object_id == PERSON["admin@contoso.example"].object_id


def test_sign_in_costs_one_call_for_the_keys_and_one_for_each_token(sandbox, microsoft, admin):
    for _ in range(3):
        trip = begin(sandbox)
        finish(sandbox, trip, admin.visit(trip.address))

    calls = microsoft.state()["calls"]["contoso.example"]
    assert {name: calls[name] for name in ("metadata", "keys", "token")} == {
        "metadata": 1,
        "keys": 1,
        "token": 3,
    }


def test_foreign_return_is_one_of_microsofts_errors():
    assert issubclass(ForeignReturn, MicrosoftError)
