"""Whatever is pasted: answers, secrets, nonsense, addresses in other clothes."""

import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.diagnosis.linting import findings as say
from consent.diagnosis.linting import lint
from tests.consent.diagnosis.addresses import (
    OURS,
    SECRET,
    STATE,
    TENANT,
    adminconsent,
    authorize,
    of,
    said,
)


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("", ("address", say.NO_ADDRESS)),
        ("client_id=1 and so on", ("address", say.NO_ADDRESS)),
        ("https://", ("address", say.NO_ADDRESS)),
        ("https://[nonsense/common", ("address", say.NO_ADDRESS)),
        ("https://host:port/", ("address", say.NO_ADDRESS)),
        ("https://portal.acme.example/help/", ("host", say.NOT_MICROSOFT)),
        ("https://login.microsoftonline.com.evil.example/x", ("host", say.LOOKS_LIKE_MICROSOFT)),
        ("https://login-microsoft.example/common", ("host", say.LOOKS_LIKE_MICROSOFT)),
        ("https://login.microsoftonline.com/common/reprocess?ctx=x", ("address", say.UNKNOWN_PATH)),
    ],
)
def test_what_is_no_sign_in_address(url, first):
    assert said(url) == [first]


def test_address_without_https_or_with_a_password():
    url = adminconsent().replace("https://", "http://ana:secret@")

    assert of("address", url) == [
        (say.ADMINCONSENT,),
        (say.NOT_HTTPS,),
        (say.PASSWORD_IN_FRONT,),
    ]
    assert "secret" not in repr([each.value for each in lint(url, registrations=[])])


@pytest.mark.parametrize(
    "name",
    ["client_secret", "client_assertion", "access_token", "refresh_token", "id_token", "password"],
)
def test_secret_is_pointed_out_and_never_repeated(name):
    remarks = lint(authorize(**{name: SECRET}), registrations=[OURS])

    assert of(name, authorize(**{name: SECRET}))[0] == (say.SECRET,)
    assert SECRET[:10] not in repr(remarks)


@pytest.mark.parametrize(
    "place", ["scope", "client_id", "redirect_uri", "prompt", "state", "other"]
)
def test_secret_in_the_wrong_place_is_pointed_out_and_never_repeated(place):
    remarks = lint(authorize(**{place: SECRET}), registrations=[OURS])

    assert say.SECRET in [each.finding for each in remarks if each.part == place]
    assert SECRET[:10] not in repr(remarks)


def test_secret_as_the_tenant_is_never_repeated():
    assert SECRET[:10] not in repr(lint(authorize(SECRET), registrations=[OURS]))


def test_answer_with_an_error():
    url = (
        "https://app.acme.example/back?error=access_denied&error_subcode=cancel"
        "&error_description=AADSTS65004%3a+User+declined&admin_consent=True&state=x"
    )

    remarks = lint(url, registrations=[OURS])

    assert [(each.part, each.finding, each.value, each.names) for each in remarks] == [
        ("address", say.CALLBACK, "app.acme.example", ()),
        ("error", say.ANSWER_ERROR, "access_denied", ()),
        ("error_description", say.ANSWER_CODES, "", ("AADSTS65004",)),
        ("error_subcode", say.ANSWER_CANCEL, "cancel", ()),
        ("admin_consent", say.ANSWER_TRUE_AND_ERROR, "True", ()),
    ]


def test_answer_that_claims_an_approval():
    url = f"https://app.acme.example/back#admin_consent=True&tenant={TENANT}"

    assert said(url) == [
        ("address", say.CALLBACK),
        ("admin_consent", say.ANSWER_CLAIM),
        ("tenant", say.ANSWER_TENANT),
        ("state", say.ANSWER_WITHOUT_STATE),
    ]


def test_answer_with_a_code_does_not_repeat_it():
    code = "0.AXkA" + "b" * 80

    remarks = lint(f"http://localhost:3000/cb?code={code}&state=x", registrations=[])

    assert [(each.part, each.finding) for each in remarks] == [
        ("address", say.CALLBACK),
        ("code", say.SIGN_IN_CODE),
    ]
    assert code[:12] not in repr(remarks)


def test_hosted_sign_in_of_nylas():
    url = (
        "https://api.eu.nylas.com/v3/connect/auth?client_id=x&redirect_uri=https://a.example&state="
    )

    assert said(url) == [("address", say.NYLAS), ("state", say.STATE_MISSING)]
    assert said(f"{url}{STATE}") == [("address", say.NYLAS)]


@pytest.mark.parametrize(
    "pasted",
    [
        "Here it is: {url}",
        "<a href='{html}'>x</a>",
        '"{url}"',
        "{quoted}",
        "{broken}",
        "{bare}",
        "{bare} and then it says that &c is wrong",
        "Location: {url}\n\nSet-Cookie: x=y",
    ],
)
def test_address_is_found_however_it_was_pasted(pasted):
    url = adminconsent()
    half = url.index("&redirect_uri")
    text = pasted.format(
        url=url,
        html=url.replace("&", "&amp;"),
        quoted=quote(url, safe=""),
        broken=f"{url[: half - 12]}\r\n{url[half - 12 : half + 3]}\n  {url[half + 3 :]}",
        bare=url.replace("%20", " "),
    )

    assert said(text) == said(url)


def test_address_of_a_licence_to_paste_much_is_cut():
    remarks = lint(
        "https://login.microsoftonline.com/x/v2.0/adminconsent?" + "&a=b" * 20_000, registrations=[]
    )

    assert (remarks[0].finding, len(remarks) < 200) == (say.ADMINCONSENT, True)


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text):
    assert lint(text, registrations=[OURS])
    assert lint(f"https://login.microsoftonline.com/{text}", registrations=[OURS])
    assert lint(adminconsent(scope=text or "x", redirect_uri=text), registrations=[OURS])


@pytest.mark.parametrize("piece", ["&a", "https://", "%3A", "\n&a=", " Mail.Read", "<", "a.", "\t"])
def test_long_nonsense_takes_no_time(piece):
    start = time.process_time()

    lint("https://login.microsoftonline.com/" + piece * 100_000, registrations=[OURS])

    assert time.process_time() - start < 0.5
