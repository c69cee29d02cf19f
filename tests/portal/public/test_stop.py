"""*Never write to me again*."""

from consent import tokens
from consent.models import Event
from tests.factories import ContactFactory, TicketFactory


def test_stop_is_a_page_first_and_a_scanner_changes_nothing(client, db):
    contact = ContactFactory()
    path = f"/stop/{tokens.stop_token(contact)}/"

    for method in (client.head, client.get):
        assert method(path).status_code == 200

    contact.refresh_from_db()
    assert (contact.stopped_at, Event.objects.count()) == (None, 0)
    assert "Never write to me again?" in client.get(path).content.decode()


def test_stop_and_take_it_back(client, db):
    contact = ContactFactory()
    path = f"/stop/{tokens.stop_token(contact)}/"

    assert "We do not write to you any more" in client.post(path).content.decode()
    contact.refresh_from_db()
    assert contact.stopped_at is not None

    assert "Never write to me again?" in client.post(path, {"again": "yes"}).content.decode()
    contact.refresh_from_db()
    assert contact.stopped_at is None


def test_stop_refuses_other_methods(client, db):
    path = f"/stop/{tokens.stop_token(ContactFactory())}/"

    assert {client.put(path).status_code, client.delete(path).status_code} == {405}


def test_stop_with_a_broken_or_a_strangers_token_stops_nobody(client, db):
    contact, ticket = ContactFactory(), TicketFactory()
    token = tokens.stop_token(contact)

    for broken in (token[:-1], f"9{token}", "1.1.", "x", tokens.ticket_token(ticket)):
        assert client.post(f"/stop/{broken}/").status_code == 404

    contact.refresh_from_db()
    assert contact.stopped_at is None
