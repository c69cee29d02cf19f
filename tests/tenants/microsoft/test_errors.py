"""The table that sorts Microsoft's numbers, and what errors may say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.microsoft import errors
from tenants.microsoft.errors import (
    BlockedByTenant,
    MicrosoftError,
    NoRoleThere,
    NotAllowed,
    NotFound,
    NotYetGranted,
    OwnCredentialBroken,
    ResourceMissing,
    SignInRefusal,
    SignInRefused,
    TenantUnknown,
    Throttled,
    TokenRefused,
    Transient,
    UnknownAnswer,
    WrongCloud,
)

CORRELATION = "A8B9BA48-0446-4778-A8D6-999E03DECAC7"


@pytest.mark.parametrize(
    ("error", "codes", "status", "family", "code"),
    [
        ("unauthorized_client", [700016], 400, NotYetGranted, "AADSTS700016"),
        ("invalid_client", [7000229], 401, NotYetGranted, "AADSTS7000229"),
        ("invalid_request", [700011], 400, NotYetGranted, "AADSTS700011"),
        ("unauthorized_client", [7000112], 400, BlockedByTenant, "AADSTS7000112"),
        ("access_denied", [53003], 400, BlockedByTenant, "AADSTS53003"),
        ("invalid_client", [7000215], 401, OwnCredentialBroken, "AADSTS7000215"),
        ("invalid_client", [7000222], 401, OwnCredentialBroken, "AADSTS7000222"),
        ("invalid_client", [700213], 401, OwnCredentialBroken, "AADSTS700213"),
        ("invalid_client", [700027], 401, OwnCredentialBroken, "AADSTS700027"),
        ("invalid_resource", [500011], 400, ResourceMissing, "AADSTS500011"),
        ("invalid_client", [650052], 400, ResourceMissing, "AADSTS650052"),
        ("invalid_grant", [501051], 400, NoRoleThere, "AADSTS501051"),
        ("invalid_tenant", [90002], 400, TenantUnknown, "AADSTS90002"),
        ("invalid_request", [900023], 400, TenantUnknown, "AADSTS900023"),
        ("invalid_tenant", [], 400, TenantUnknown, None),
        ("invalid_request", [90038], 400, WrongCloud, "AADSTS90038"),
        ("invalid_request", [900439], 400, WrongCloud, "AADSTS900439"),
        ("invalid_grant", [50196], 400, Throttled, "AADSTS50196"),
        ("invalid_request", [90055], 400, Throttled, "AADSTS90055"),
        ("", [], 429, Throttled, None),
        ("temporarily_unavailable", [90033], 503, Transient, "AADSTS90033"),
        ("server_error", [], 400, Transient, None),
        ("", [], 500, Transient, None),
        ("unauthorized_client", [700016], 502, Transient, "AADSTS700016"),
        ("invalid_client", [], 401, UnknownAnswer, None),
        ("invalid_client", [1234567], 401, UnknownAnswer, "AADSTS1234567"),
        ("", [], None, UnknownAnswer, None),
        ("invalid_client", [True, -1, 10**9], 401, UnknownAnswer, None),
        ("invalid_client", ["x", 4, 7000229], 401, NotYetGranted, "AADSTS7000229"),
    ],
)
def test_classify_by_status_number_and_word(error, codes, status, family, code):
    found = errors.classify(error, codes, status)

    assert (type(found), found.code) == (family, code)


@given(
    st.text(),
    st.lists(st.integers() | st.text() | st.booleans() | st.none()),
    st.none() | st.integers(100, 599),
    st.none() | st.floats(0, 3600),
    st.text() | st.none() | st.integers(),
)
def test_classify_of_anything_is_one_of_our_errors(error, codes, status, wait, correlation_id):
    for sort in (errors.classify, errors.classify_redemption):
        found = sort(error, codes, status, wait, correlation_id)

        assert isinstance(found, MicrosoftError)
        assert re.fullmatch(r"(AADSTS\d{1,8})?( ?[0-9a-f-]{36})?", str(found))


@given(st.text(), st.text(), st.text())
def test_refused_in_browser_of_anything_repeats_none_of_it(error, description, subcode):
    found = errors.refused_in_browser(error, description, subcode)

    assert re.fullmatch(r"(AADSTS\d{1,8})?", str(found))


@pytest.mark.parametrize(("told", "seconds"), [(None, 60.0), (2.5, 2.5), (0.0, 0.0)])
def test_classify_throttled_says_how_long_to_wait(told, seconds):
    found = errors.classify("", [], 429, told)

    assert isinstance(found, Throttled)
    assert found.retry_after == seconds


@pytest.mark.parametrize(
    ("told", "seconds"), [(None, None), (2.5, 2.5), (0.0, 0.0), (600.0, 600.0), (3600.0, 600.0)]
)
def test_outage_says_how_long_to_wait_if_microsoft_does(told, seconds):
    found = [
        errors.classify("server_error", [], 503, told),
        errors.classify("temporarily_unavailable", [90033], 400, told),
        errors.graph_error(503, "ServiceUnavailable", told),
    ]

    assert [(type(one), one.retry_after) for one in found] == [(Transient, seconds)] * 3


def test_error_says_code_and_correlation_and_nothing_else():
    found = errors.classify("invalid_client", [7000229], 401, None, CORRELATION)

    assert str(found) == f"AADSTS7000229 {CORRELATION.lower()}"
    assert found.correlation_id == CORRELATION.lower()


@pytest.mark.parametrize("told", [None, 7, "<script>", f"{CORRELATION} ana@contoso.example"])
def test_error_keeps_no_correlation_id_that_is_no_guid(told):
    found = MicrosoftError("AADSTS1", told)

    assert (found.correlation_id, str(found)) == (None, "AADSTS1")


@pytest.mark.parametrize(
    ("error", "codes", "kind"),
    [
        ("invalid_grant", [65001], SignInRefusal.NOT_COVERED),
        ("invalid_grant", [50105], SignInRefusal.NOT_ASSIGNED),
        ("invalid_grant", [50076], SignInRefusal.MFA),
        ("invalid_grant", [53003], SignInRefusal.CONDITIONAL_ACCESS),
        ("invalid_grant", [54005], SignInRefusal.OTHER),
    ],
)
def test_classify_redemption_of_what_concerns_the_person(error, codes, kind):
    found = errors.classify_redemption(error, codes, 400, None, CORRELATION)

    assert isinstance(found, SignInRefused)
    assert (found.kind, found.code) == (kind, f"AADSTS{codes[0]}")
    assert found.correlation_id == CORRELATION.lower()


@pytest.mark.parametrize(
    ("error", "codes", "status", "family"),
    [
        ("invalid_client", [7000215], 401, OwnCredentialBroken),
        ("unauthorized_client", [7000112], 400, BlockedByTenant),
        ("invalid_grant", [50196], 400, Throttled),
        ("invalid_request", [9000000], 400, UnknownAnswer),
    ],
)
def test_classify_redemption_of_what_does_not(error, codes, status, family):
    assert type(errors.classify_redemption(error, codes, status)) is family


@pytest.mark.parametrize(
    ("error", "description", "subcode", "kind", "code"),
    [
        ("consent_required", "AADSTS65001: …", "", SignInRefusal.NOT_COVERED, "AADSTS65001"),
        ("consent_required", "", "", SignInRefusal.NOT_COVERED, None),
        ("interaction_required", "", "", SignInRefusal.NOT_COVERED, None),
        (
            "interaction_required",
            "AADSTS16000: …",
            "",
            SignInRefusal.SEVERAL_ACCOUNTS,
            "AADSTS16000",
        ),
        ("interaction_required", "AADSTS50105", "", SignInRefusal.NOT_ASSIGNED, "AADSTS50105"),
        ("interaction_required", "AADSTS50079", "", SignInRefusal.MFA, "AADSTS50079"),
        (
            "interaction_required",
            "AADSTS53003",
            "",
            SignInRefusal.CONDITIONAL_ACCESS,
            "AADSTS53003",
        ),
        ("login_required", "AADSTS50058: …", "", SignInRefusal.LOGIN_REQUIRED, "AADSTS50058"),
        ("login_required", "", "", SignInRefusal.LOGIN_REQUIRED, None),
        ("account_selection_required", "", "", SignInRefusal.SEVERAL_ACCOUNTS, None),
        ("access_denied", "AADSTS65004: …", "cancel", SignInRefusal.DECLINED, "AADSTS65004"),
        ("access_denied", "", "", SignInRefusal.DECLINED, None),
        ("something_new", "", "cancel", SignInRefusal.DECLINED, None),
        ("server_error", "AADSTS90033", "", SignInRefusal.OTHER, "AADSTS90033"),
        ("", "", "", SignInRefusal.OTHER, None),
    ],
)
def test_refused_in_browser_by_number_word_and_subcode(error, description, subcode, kind, code):
    found = errors.refused_in_browser(error, description, subcode)

    assert (found.kind, found.code) == (kind, code)


def test_refused_in_browser_never_blames_our_credential():
    found = errors.refused_in_browser("invalid_client", "AADSTS7000215: wrong secret", "")

    assert (type(found), found.kind) == (SignInRefused, SignInRefusal.OTHER)


def test_refused_in_browser_reads_two_kilobytes_of_a_description():
    hidden = errors.refused_in_browser("", "x" * 2048 + "AADSTS65001", "")
    seen = errors.refused_in_browser("", "x" * 2037 + "AADSTS65001", "")

    assert (hidden.code, seen.code) == (None, "AADSTS65001")


@pytest.mark.parametrize(
    ("status", "word", "family", "code"),
    [
        (403, "Authorization_RequestDenied", NotAllowed, "Authorization_RequestDenied"),
        (404, "Request_ResourceNotFound", NotFound, "Request_ResourceNotFound"),
        (401, "Authorization_IdentityNotFound", NotYetGranted, "Authorization_IdentityNotFound"),
        (401, "InvalidAuthenticationToken", TokenRefused, "InvalidAuthenticationToken"),
        (429, "TooManyRequests", Throttled, "TooManyRequests"),
        (503, None, Transient, None),
        (400, "BadRequest", UnknownAnswer, "BadRequest"),
        (400, "<b>ana@contoso.example</b>", UnknownAnswer, None),
        (302, 7, UnknownAnswer, None),
    ],
)
def test_graph_error_by_status_and_word(status, word, family, code):
    found = errors.graph_error(status, word)

    assert (type(found), found.code) == (family, code)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 503])
def test_graph_error_keeps_the_name_of_the_answer(status):
    found = errors.graph_error(status, "Word", None, CORRELATION)

    assert str(found) == f"Word {CORRELATION.lower()}"
