import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import tokens
from consent.errors import BadToken
from consent.models import ApprovalLink, Ticket
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ContactFactory,
    TicketFactory,
)

pytestmark = pytest.mark.django_db

#: What makes a row, what makes its token, what reads it.
KINDS = {
    "approval": (ApprovalLinkFactory, tokens.approval_token, tokens.read_approval),
    "ticket": (TicketFactory, tokens.ticket_token, tokens.read_ticket),
    "stop": (ContactFactory, tokens.stop_token, tokens.read_stop),
}
kinds = pytest.mark.parametrize("kind", KINDS)


@kinds
def test_token_opens_its_row_as_often_as_one_likes(kind):
    make, token_of, read = KINDS[kind]
    row = make()

    assert [read(token_of(row)) for _ in range(2)] == [row, row]
    assert re.fullmatch(r"[\w.-]+", token_of(row))


@kinds
def test_token_of_another_kind_opens_nothing(kind):
    make, token_of, _read = KINDS[kind]
    token = token_of(make())

    for other in KINDS.keys() - {kind}:
        with pytest.raises(BadToken):
            KINDS[other][2](token)


@kinds
@pytest.mark.parametrize("garbled", ["", ".", "..", "a.1", "a.b.c", "a.1.\0", "ä.1.ö", "x" * 9999])
def test_token_garbled_opens_nothing(kind, garbled):
    with pytest.raises(BadToken):
        KINDS[kind][2](garbled)


@kinds
def test_token_with_one_letter_changed_opens_nothing(kind):
    make, token_of, read = KINDS[kind]
    token = token_of(make())

    for place in range(len(token)):
        letter = "x" if token[place] != "x" else "y"
        with pytest.raises(BadToken):
            read(token[:place] + letter + token[place + 1 :])


@kinds
def test_token_of_a_row_that_is_gone_opens_nothing(kind):
    make, token_of, read = KINDS[kind]
    row = make()
    token = token_of(row)
    row.delete()

    with pytest.raises(BadToken):
        read(token)


@kinds
def test_token_signed_with_another_key_opens_nothing_unless_it_is_a_fallback(kind, settings):
    make, token_of, read = KINDS[kind]
    row = make()
    old_key, token = settings.LINK_KEY, token_of(row)

    settings.LINK_KEY = "another key"
    with pytest.raises(BadToken):
        read(token)

    settings.LINK_KEY_FALLBACKS = [old_key]
    assert read(token) == row


def test_token_does_not_hang_on_the_sessions_key(settings):
    link = ApprovalLinkFactory()
    token = tokens.approval_token(link)

    settings.SECRET_KEY = "leaked, and so changed"

    assert tokens.read_approval(token) == link


def test_token_rotated_opens_nothing_any_more():
    link, ticket = ApprovalLinkFactory(), TicketFactory()
    old = tokens.approval_token(link), tokens.ticket_token(ticket)
    ApprovalLink.objects.update(version=2)
    Ticket.objects.update(link_version=2)

    with pytest.raises(BadToken):
        tokens.read_approval(old[0])
    with pytest.raises(BadToken):
        tokens.read_ticket(old[1])

    link.refresh_from_db()
    ticket.refresh_from_db()
    assert tokens.read_approval(tokens.approval_token(link)) == link
    assert tokens.read_ticket(tokens.ticket_token(ticket)) == ticket


def test_token_of_a_closed_link_still_opens_it():
    link = ApprovalLinkFactory(expired=True)

    assert tokens.read_approval(tokens.approval_token(link)) == link


def test_confirmation_code_is_six_digits_that_stay():
    ticket = TicketFactory(unconfirmed=True)

    code = tokens.confirmation_code(ticket)

    assert re.fullmatch(r"\d{6}", code)
    assert tokens.confirmation_code(Ticket.objects.get()) == code
    assert tokens.confirmation_code(TicketFactory(unconfirmed=True)) != code


def test_matching_code_is_the_requests_and_says_no_letter_that_looks_like_a_digit():
    request = ConsentRequestFactory()

    code = tokens.matching_code(request)

    assert re.fullmatch(r"[A-HJ-NP-Z]{3}-[A-HJ-NP-Z]{3}", code)
    assert tokens.matching_code(request) == code
    assert tokens.matching_code(ConsentRequestFactory()) != code


@given(st.text(), st.text())
def test_digest_is_of_kind_and_text(kind, text):
    digest = tokens.digest(kind, text)

    assert re.fullmatch(r"[0-9a-f]{64}", digest)
    assert digest == tokens.digest(kind, text)
    assert digest != tokens.digest(kind, text + "x")
