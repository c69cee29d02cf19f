"""The result page: what we know now, and what it does by itself."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from consent.attempts import digest
from consent.models import ConsentAttempt, ConsentRequest
from tests.factories import (
    ApprovalLinkFactory,
    ConsentAttemptFactory,
    ConsentRequestFactory,
    TicketFactory,
)


@pytest.fixture
def back(client, link):
    """This browser came back that many seconds ago with that outcome."""

    def came(outcome="claimed", seconds=0, **more):
        attempt = ConsentAttemptFactory(
            link=link,
            outcome=outcome,
            browser_hash=digest("secret"),
            returned_at=timezone.now() - timedelta(seconds=seconds),
            **more,
        )
        client.cookies[f"portal_trip_{attempt.public_id}"] = "secret"
        return attempt

    return came


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("claimed", "We are checking with Microsoft"),
        ("cancelled", "Nothing was approved"),
        ("refused", "Microsoft did not let you approve"),
        ("wrong_tenant", "You signed in to another organisation"),
        ("too_little", "Microsoft named only a part of the permissions"),
    ],
)
def test_result_says_what_came_back_in_the_browser_that_left(
    client, link, path, back, outcome, words
):
    back(outcome)

    page = client.get(path(link, "result/"))

    assert (page.status_code, words in page.content.decode()) == (200, True)
    assert 'id="prove"' in page.content.decode()


def test_result_in_another_browser_knows_of_no_trip(client, link, path):
    ConsentAttemptFactory(link=link, claimed=True)

    page = client.get(path(link, "result/"))

    assert "We see no approval yet" in page.content.decode()
    assert 'http-equiv="refresh"' not in page.content.decode()


def test_result_repeats_the_silent_sign_in_when_it_is_due_and_only_then(
    client, link, path, back, microsoft
):
    attempt = back(seconds=0)
    assert client.get(path(link, "result/")).status_code == 200
    type(attempt).objects.update(returned_at=timezone.now() - timedelta(seconds=6))

    assert client.head(path(link, "result/")).status_code == 200
    hop = client.get(path(link, "result/"))
    again = client.get(path(link, "result/"))

    assert (hop.status_code, "prompt=none" in hop["Location"]) == (303, True)
    assert again.status_code == 200
    assert ConsentAttempt.objects.get().proof_tries == 1


def test_result_stops_repeating_after_five_tries_and_after_fifteen_minutes(
    client, link, path, back
):
    attempt = back(seconds=100, proof_tries=5)
    assert client.get(path(link, "result/")).status_code == 200

    type(attempt).objects.update(proof_tries=0, returned_at=timezone.now() - timedelta(minutes=16))
    assert client.get(path(link, "result/")).status_code == 200


def test_result_offers_the_visible_sign_in_only_once_the_app_was_seen(client, link, path, back):
    back(seconds=6, needs_sign_in=True)
    text = client.get(path(link, "result/")).content.decode()
    assert 'name="visible"' not in text

    ConsentRequest.objects.update(news_at=timezone.now())
    text = client.get(path(link, "result/")).content.decode()
    assert ('name="visible"' in text, "Confirm with your Microsoft account" in text) == (True, True)


@pytest.mark.parametrize("said", ["login_required", "several_accounts"])
def test_result_believes_its_address_only_where_a_sign_in_can_help(client, link, path, said):
    text = client.get(path(link, "result/"), {"said": said}).content.decode()
    assert 'name="visible"' not in text
    assert "Sign in once, visibly" not in text

    ConsentRequest.objects.update(news_at=timezone.now())
    text = client.get(path(link, "result/"), {"said": said}).content.decode()
    assert 'name="visible"' in text


@pytest.mark.parametrize(
    ("reach", "words"),
    [
        ("everyone", "Everyone in your organisation can connect now."),
        ("assigned", "People assigned to the app can connect now."),
        ("named", "The people it was approved for can connect now."),
    ],
)
def test_result_of_a_granted_request_is_a_receipt_with_its_reach(client, asked, path, reach, words):
    granted = ConsentRequestFactory(app=asked.app, granted=True, reach=reach)
    TicketFactory(request=granted)
    link = ApprovalLinkFactory(request=granted)

    text = client.get(path(link, "result/")).content.decode()

    assert "Approved, and confirmed by Microsoft" in text
    assert words in text
    assert "How to undo it later" in text
    assert 'http-equiv="refresh"' not in text


@pytest.mark.parametrize(
    ("rung", "result", "closed"),
    [
        ("directory", "Approved, and confirmed by Microsoft", "Microsoft has confirmed it to us."),
        ("witness", "Approved, and confirmed by Microsoft", "Microsoft has confirmed it to us."),
        # The vendor's product may have reported it: Microsoft told us nothing.
        (
            "in_use",
            "Approved: people of your organisation connect",
            "People of your organisation connect.",
        ),
    ],
)
def test_pages_after_the_grant_say_that_microsoft_confirmed_only_what_it_did(
    client, asked, path, rung, result, closed
):
    link = ApprovalLinkFactory(
        request=ConsentRequestFactory(app=asked.app, granted=True, rung=rung)
    )

    seen = [client.get(path(link, page)).content.decode() for page in ("result/", "")]

    assert [words in text for words, text in zip((result, closed), seen, strict=True)] == [True] * 2
    says_microsoft = [bool(re.search("onfirmed (by Microsoft|it to us)", text)) for text in seen]
    assert says_microsoft == [rung != "in_use"] * 2


def test_result_names_what_is_missing(client, link, path):
    ConsentRequest.objects.update(missing=["Mail.Send"])

    assert "<code>Mail.Send</code>" in client.get(path(link, "result/")).content.decode()


def test_page_asks_the_browser_that_did_not_come_back_what_it_saw(client, link, path):
    attempt = ConsentAttemptFactory(link=link, browser_hash=digest("secret"))
    assert 'id="saw"' not in client.get(path(link)).content.decode()

    client.cookies[f"portal_trip_{attempt.public_id}"] = "secret"
    assert 'id="saw"' in client.get(path(link)).content.decode()


@pytest.mark.parametrize(
    ("seconds", "refresh"),
    [(100, 'content="5"'), (240, 'content="30"'), (16 * 60, None)],
)
def test_result_looks_again_by_itself_less_often_as_time_goes_by(
    client, link, path, back, seconds, refresh
):
    back(seconds=seconds, proof_tries=5)

    text = client.get(path(link, "result/")).content.decode()

    assert ('http-equiv="refresh"' in text) == bool(refresh)
    assert refresh is None or f'http-equiv="refresh" {refresh}' in text
