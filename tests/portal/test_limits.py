"""How often a stranger, or the holder of a link, may send a form."""

import pytest
from django.test import Client

from consent import presenting, tokens
from portal.browsers import network_of
from portal.public.forms import MOST_PASTED
from tests.factories import ApprovalLinkFactory, TicketFactory

pytestmark = pytest.mark.django_db


def test_forms_through_one_link_end_after_an_hours_share(client: Client, settings) -> None:
    settings.POSTS_PER_LINK_AN_HOUR = 2
    link, other = ApprovalLinkFactory.create_batch(2)

    told = [client.post(f"{presenting.approval_path(link)}saw/").status_code for _ in range(3)]

    assert told == [303, 303, 429]
    assert client.post(f"{presenting.approval_path(other)}saw/").status_code == 303
    assert client.get(presenting.approval_path(link)).status_code == 200


def test_forms_of_one_ticket_end_after_an_hours_share(client: Client, settings) -> None:
    settings.POSTS_PER_LINK_AN_HOUR = 1
    path = f"/t/{tokens.ticket_token(TicketFactory())}/"

    told = [client.post(f"{path}reply/", {"message": "Hello"}).status_code for _ in range(2)]

    assert told == [303, 429]


def test_pastes_from_one_network_end_after_an_hours_share(client: Client, settings) -> None:
    settings.STARTS_PER_NETWORK_AN_HOUR = 1
    app = TicketFactory().app
    form = {"email": "joe@gmail.com", "pasted": "AADSTS90094", "app": app.slug}

    assert [client.post("/start/", form).status_code for _ in range(2)] == [200, 429]


def test_forms_of_one_network_are_counted_before_they_are_read(client: Client, settings) -> None:
    settings.STARTS_PER_NETWORK_AN_HOUR = 2
    app = TicketFactory().app
    bad = {"email": "no address", "pasted": "AADSTS90094", "app": app.slug}

    for form in ("/start/", "/ask/"):
        assert [client.post(form, bad).status_code for _ in range(3)] == [422, 422, 429]
    elsewhere = client.post("/ask/", bad, REMOTE_ADDR="198.51.100.7")
    assert elsewhere.status_code == 422


def test_paste_of_a_bad_ask_is_read_no_further_than_it_would_be_kept(client: Client) -> None:
    app = TicketFactory().app
    endless = "\0" * 9 + "x" * MOST_PASTED + "AADSTS90094"

    page = client.post("/ask/", {"email": "no address", "pasted": endless, "app": app.slug})

    assert page.context["form"]["pasted"].value() == "x" * MOST_PASTED
    assert page.context["told"]["codes"] == []


@pytest.mark.parametrize(
    ("told", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:50123", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:50123", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2:ffff::1]:443", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_network_is_one_name_for_all_that_one_asker_may_choose(
    rf, settings, told: str, network: str
) -> None:
    settings.BEHIND_PROXY = True
    forwarded = {"X-Forwarded-For": f"192.0.2.1, {told}"}

    assert network_of(rf.get("/", REMOTE_ADDR=told)) == network
    assert network_of(rf.get("/", headers=forwarded)) == (network or "192.0.2.1")
