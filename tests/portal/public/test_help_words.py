"""Where a blocked person is sent on: words for others, ways to write, ways to begin again."""

import pytest

from tests.factories import seeded_tenant
from tests.reading import words

CORRELATION = "0f0e0d0c-1111-2222-3333-444455556666"


@pytest.fixture
def told(client, calendar, contoso):
    """The page for that paste and address."""

    def _told(pasted, email="ana@contoso.example"):
        form = {"email": email, "pasted": pasted, "app": calendar.slug}
        return client.post("/start/", form).text

    return _told


def test_words_for_it_carry_what_they_name_and_one_speaker(told):
    text = told(
        "AADSTS53003: Access has been blocked by Conditional Access policies. "
        f"Correlation ID: {CORRELATION} Timestamp: 2026-03-02 09:00:00Z"
    )

    quote = words(text.partition("<blockquote>")[2].partition("</blockquote>")[0])
    before, _, advice = quote.partition("The app's support page says to an administrator: ")
    assert before == (
        "Hello, I cannot connect Acme Calendar by Acme to my Microsoft 365 account. Microsoft "
        f"shows AADSTS53003. Correlation ID: {CORRELATION}. Time: 2026-03-02T09:00:00Z. "
    )
    assert (advice[0], advice[-1], "by its correlation ID and time" in advice) == ("“", "”", True)


def test_words_for_it_leave_out_what_was_not_pasted(told):
    text = told("AADSTS50105: the user is not assigned to a role for the application")

    assert ("Correlation ID:" in text, "Time:" in text) == (False, False)


def test_other_cloud_can_be_written_about(told, microsoft):
    text = told("AADSTS90094", email="ana@woodgrove.example")

    assert '<a href="mailto:support@acme.example?subject=Acme%20Calendar">Write to us</a>' in text


def test_personal_account_has_one_name(told):
    text = words(told("something else", email="ana@gmail.com"))

    assert "That is a personal account No administrator stands behind a personal account" in text


@pytest.mark.parametrize("credential", ["", "acme_calendar"])
def test_what_happens_next_promises_a_look_only_where_we_can_look(told, calendar, credential):
    type(calendar).objects.update(credential=credential)

    text = words(told("AADSTS90094"))

    promised = "We ask Microsoft whether it is really approved, and tell you when" in text
    assert (promised, "we cannot look into Microsoft for Acme Calendar." in text) == (
        bool(credential),
        not credential,
    )


def test_page_after_the_ask_tells_everybody_what_may_keep_mails_away(client, calendar):
    seeded_tenant("fabrikam")
    client.post("/ask/", {"email": "ben@fabrikam.example", "app": calendar.slug})

    text = words(client.get("/ask/sent/").text)

    assert "Did you once tell us never to write to you? Open that link in an older mail" in text


def test_confirmation_elsewhere_leads_back_to_the_start(client, unconfirmed, path):
    text = words(client.get(path(unconfirmed)).text)

    assert "No longer have that browser? Ask once more" in text
    assert f'href="/?app={unconfirmed.app.slug}"' in client.get(path(unconfirmed)).text


def test_new_administrator_is_told_what_a_colleague_can_do(client, db):
    text = client.get("/help/just-became-administrator/").text

    assert "let your colleague choose “Pass the link on to an administrator yourself”" in text
