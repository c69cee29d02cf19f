"""What the result page says is true, and it leads to what helps next."""

import re

import pytest
from django.utils import timezone

from consent.models import ApprovalLink
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    EvidenceFactory,
    TicketFactory,
)
from tests.reading import headline, notices, words


def test_result_of_an_app_without_a_credential_says_what_tells_us(client, nobodys, path):
    page = client.get(path(nobodys, "result/"))

    assert (headline(page), 'id="prove"' in page.text) == ("We cannot see your decision", False)
    assert (
        "We cannot look into Microsoft for Acme Calendar. Tell ana@contoso.example to connect; "
        "the first success tells us." in words(page.text)
    )


@pytest.mark.parametrize("place", ["", "result/"])
def test_approved_while_switched_off_is_no_good_news(client, asked, path, place):
    granted = ConsentRequestFactory(app=asked.app, granted=True, disabled_at=timezone.now())
    TicketFactory(request=granted)

    page = client.get(path(ApprovalLinkFactory(request=granted), place))

    assert (headline(page), "icon-check good" in page.text) == (
        "Approved, but still switched off",
        False,
    )
    assert (
        "Nobody can connect yet. Set Enterprise apps, Acme Calendar, Properties, “Enabled for "
        "users to sign-in?” to Yes. We notice it and then tell those who wait." in words(page.text)
    )
    assert ("can connect now" in page.text, "nothing to do" in page.text) == (False, False)


@pytest.mark.parametrize(
    ("state", "offered"), [("declined", True), ("expired", False), ("withdrawn", False)]
)
def test_decline_is_taken_back_also_after_it_became_the_answer(
    client, asked, ticket, path, state, offered
):
    link = ApprovalLinkFactory(request=asked, declined=True, from_ticket=ticket)
    asked.move(state, closed_at=timezone.now())

    closed, result = client.get(path(link)), client.get(path(link, "result/"))

    assert ("Take it back" in closed.text, 'id="undo"' in result.text) == (offered, offered)
    sentence = "You can still take it back; then this link works again."
    assert (sentence in closed.text, sentence in result.text) == (offered, offered)
    if offered:
        assert client.post(path(link, "undo/"))["Location"].endswith("?said=undone")
        assert 'id="continue"' in client.get(path(link)).text


def primary(page):
    """The words of the one large button."""
    return [words(found) for found in re.findall(r'button-large".*?>(.*?)</', page.text)]


@pytest.mark.parametrize("outcome", ["cancelled", "refused", "wrong_tenant", "too_little"])
def test_result_leads_back_to_the_page_after_a_trip_that_approved_nothing(
    client, link, path, away, outcome
):
    away(outcome)

    page = client.get(path(link, "result/"))

    assert primary(page) == ["Back to the page"]
    assert '<button class="button-link">I have approved it, check again</button>' in page.text


def test_result_after_another_organisation_says_what_may_have_happened_there(
    client, link, path, away
):
    away("wrong_tenant")

    page = client.get(path(link, "result/"))

    assert headline(page) == "You signed in to another organisation"
    assert (
        "If you pressed “Accept” there, that organisation has approved the app. Delete it there "
        "under Enterprise apps if you did not mean it." in page.text
    )


@pytest.mark.parametrize("mailed", [True, False])
def test_result_while_it_waits_says_where_the_receipt_comes(client, link, path, away, mailed):
    if not mailed:
        ApprovalLink.objects.update(way="shared", recipient=None)
    away("claimed")

    text = client.get(path(link, "result/")).text

    assert ("you get a receipt by mail" in text, "keep its address" in text) == (
        mailed,
        not mailed,
    )


@pytest.mark.parametrize("mailed", [True, False])
def test_who_needs_documents_hears_how_to_get_them(client, asked, ticket, path, mailed):
    way = {} if mailed else {"shared": True}
    link = ApprovalLinkFactory(
        request=asked,
        from_ticket=ticket,
        **way,
        state="declined",
        decline_reason="need_documents",
        closed_at=timezone.now(),
    )

    text = client.get(path(link, "result/")).text

    told = (
        "answer that mail" in text,
        f"write to support@acme.example what you need, and name ticket {ticket.number}" in text,
    )
    assert told == (mailed, not mailed)


def test_successful_test_without_a_claim_is_said(client, link, asked, path, away):
    away("cancelled")
    EvidenceFactory(request=asked, coverage=True)

    page = client.get(path(link, "result/"), {"said": "let_in"})

    assert headline(page) == "Microsoft let you in with all permissions"
    assert "We check whether that holds for everybody. Load this page again" in page.text
    assert primary(page) == []


def test_test_that_nobody_made_is_not_believed(client, link, path):
    page = client.get(path(link, "result/"), {"said": "let_in"})

    assert headline(page) == "We see no approval yet"


def test_administrator_who_is_not_assigned_hears_that_it_says_nothing(client, link, path):
    page = client.get(path(link, "result/"), {"said": "not_assigned"})

    (told,) = notices(page)
    assert told == (
        "Note: Your account is not assigned to the app. That says nothing about the approval; we "
        "find out in another way."
    )


def test_result_stands_still_for_who_wants_that(client, link, path, away):
    away("claimed")
    moving = client.get(path(link, "result/")).text
    still = client.get(path(link, "result/"), {"still": ""})

    assert ('http-equiv="refresh"' in moving, '<a href="?still">' in moving) == (True, True)
    assert (still.status_code, 'http-equiv="refresh"' in still.text) == (200, False)
    assert f'<a href="{path(link, "result/")}">Look again by itself</a>' in still.text
