"""How often a stranger, or the holder of a link, may send a form."""

import pytest
from django.test import Client

from consent import presenting, tokens
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
