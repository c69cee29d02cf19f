"""What an administrator reads is true for the app, the link and the person in question."""

import pytest
from django.utils import timezone

from consent import events
from consent.actors import WORKER
from consent.models import Event, Ticket
from tests.factories import (
    AppRegistrationFactory,
    ApprovalLinkFactory,
    ConsentRequestFactory,
)
from tests.reading import notices, words

NO_LOOK = "We cannot look into Microsoft for this app."


@pytest.fixture
def shared(asked, ticket):
    """A link that Ana passes on herself: we do not know who reads it."""
    return ApprovalLinkFactory(request=asked, from_ticket=ticket, shared=True)


def test_page_of_an_app_without_a_credential_promises_no_look(client, nobodys, path, away):
    away()

    page = client.get(path(nobodys))

    assert (notices(page), 'id="prove"' in page.text) == ([], False)
    assert f"{NO_LOOK} We learn of it when the first person connects." in words(page.text)
    assert "We notice it by ourselves" not in page.text


def test_page_of_an_app_with_a_credential_asks_and_offers_to_check(client, link, path, away):
    away()

    page = client.get(path(link))

    assert ("did not come back that way" in page.text, 'id="prove"' in page.text) == (True, True)
    assert ("We notice it by ourselves" in page.text, NO_LOOK in page.text) == (True, False)


def test_shared_link_promises_no_mail_to_whom_we_do_not_know(client, shared, path, away):
    text = words(client.get(path(shared)).text)

    assert "write it into your question and we answer by mail" in text
    assert "I decide on A day within the next 30 days. Nothing is sent" in text
    assert ("Remind me on" in text, "answers you by mail" in text) == (False, False)
    for said, sentence in (
        ("later", "Then later. Nothing is sent; the link stays open until then."),
        ("asked", "A person answers by mail, if you wrote your address into it."),
    ):
        assert sentence in client.get(path(shared), {"said": said}).text


def test_link_of_a_recipient_promises_the_mails_that_leave(client, link, path):
    text = words(client.get(path(link)).text)

    assert ("Remind me on" in text, "answers you by mail" in text) == (True, True)
    assert "The mail comes once more" in client.get(path(link), {"said": "later"}).text


def test_page_says_of_an_agents_ticket_only_what_we_checked(client, link, path):
    Ticket.objects.update(opened_by="agent", note="For their calendars")

    text = words(client.get(path(link)).text)

    assert "Our support spoke with this person. We have not checked the address." in text
    assert "For their calendars Written down by our support." in text
    for untrue in ("reads mail at this address", "Typed by the person", "Signed"):
        assert untrue not in text


@pytest.mark.parametrize(
    ("needs", "words_given", "narrowed"),
    [
        (["Mail.Read"], "No more than the person who connected may do.", True),
        (
            ["Mail.Read", "application Mail.Read"],
            "Nothing beyond the permissions listed above.",
            True,
        ),
        (["application Mail.Read"], "Nothing beyond the permissions listed above.", False),
    ],
)
def test_page_says_of_every_set_what_it_does_not_give(
    db, client, path, needs, words_given, narrowed
):
    app = AppRegistrationFactory(needs=needs)
    link = ApprovalLinkFactory(request=ConsentRequestFactory(app=app, asked=True))

    text = words(client.get(path(link)).text)

    assert words_given in text
    assert ("Approve it for some people only" in text) == narrowed
    assert "no change of your settings" not in text


def test_page_says_how_to_approve_for_some_people_only(client, link, path):
    text = words(client.get(path(link)).text)

    assert (
        "At once set Enterprise apps, Acme Calendar, Properties, “Assignment required?” to Yes."
        in text
    )
    assert "Between 1 and 2 everybody could connect. We see the rule and say so in our mails." in (
        text
    )


def test_page_compares_the_identifier_before_it_is_approved_in_the_portal(client, link, path):
    text = words(client.get(path(link)).text)

    assert text.index("compare its Application ID") < text.index("Grant admin consent")
    assert "“Cancel” approves nothing" in text


@pytest.mark.parametrize("state", ["asked", "claimed"])
def test_page_after_a_claim_without_proof_says_so(client, link, asked, path, away, state):
    away("claimed")
    assert notices(client.get(path(link))) == []

    type(asked).objects.update(state=state, claimed_at=timezone.now())
    events.record(Event.Kind.REQUEST_UNPROVED, by=WORKER, request=asked)

    told = (
        "Note: You came back from Microsoft, and it still shows us no approval Check again below, "
        "or continue once more; that does no harm."
    )
    assert notices(client.get(path(link))) == ([told] if state == "asked" else [])


def test_page_of_another_link_says_nothing_of_that_claim(client, link, asked, path, away):
    away("claimed")
    events.record(Event.Kind.REQUEST_UNPROVED, by=WORKER, request=asked)

    assert notices(client.get(path(ApprovalLinkFactory(request=asked)))) == []


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        ("need_admin", "Use one with a role named under “Decide”, or forward this page."),
        ("accept_page", "Nothing is approved until you press “Accept”. Continue when"),
        ("risky", "Compare the name and the Application (client) ID with this page"),
        ("error", "Ask us below and name the code."),
        ("other", "Thank you. We look at Microsoft now."),
    ],
)
def test_what_microsoft_showed_brings_its_own_help(client, link, path, seen, told):
    answer = client.post(path(link, "saw/"), {"seen": seen})

    assert answer["Location"] == f"{path(link)}?said=saw_{seen}"
    (notice,) = notices(client.get(answer["Location"]))
    assert told in notice


def test_question_what_microsoft_showed_begins_without_an_answer(client, link, path, away):
    away()

    text = client.get(path(link)).text

    assert 'id="saw-seen" required><option value="">Choose</option>' in text


def test_missing_reason_is_tied_to_the_choices(client, link, path):
    text = client.post(path(link, "decline/"), {}).text

    assert '<fieldset class="field has-error" aria-describedby="decline-reason-error">' in text
    assert 'id="decline-reason-error"' in text


def test_identifiers_are_called_as_microsoft_calls_them(client, link, asked, path):
    text = words(client.get(path(link)).text)

    assert f"Application (client) ID {asked.app.client_id}" in text
    assert f"Tenant ID {asked.tenant.tenant_id}" in text
