"""Tickets: from a stranger's ask to a person who connects."""

import hmac
import string
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from consent import attachments, events, rates, requests, tokens, unknown_codes, watching
from consent.actors import Actor
from consent.contacts import contact_of
from consent.diagnosis import diagnose
from consent.diagnosis.secrets import secrets_removed, without_secrets
from consent.errors import NoMoreTries, NotOpen, WrongCode
from consent.models import AppRegistration, Event, OutboxMessage, Ticket
from consent.outbox import messages
from consent.pictures import Picture
from tenants.models import User

MOST_TRIES: Final = 5
KEEP_PASTED: Final = 20_000
State = Ticket.State


@transaction.atomic
def ask(
    *,
    app: AppRegistration,
    email: str,
    name: str,
    note: str,
    pasted: str,
    seen: str,
    administrator_email: str,
    screenshot: Picture | None = None,
) -> Ticket:
    """A stranger asks: an unconfirmed ticket, and one short mail to that address without a word
    that was typed.

    `email` and `administrator_email` (may be empty) are normal addresses. At most three such mails
    leave for an address in 24 hours; the answer to the asker is the same either way.
    """
    contact = contact_of(email)
    ticket = Ticket.objects.create(
        app=app,
        contact=contact,
        administrator=contact_of(administrator_email) if administrator_email else None,
        name=_plain(name)[:60],
        note=note.replace("\0", "").strip()[:500],
        **_paste(pasted, seen),
    )
    if screenshot:
        attachments.keep(ticket, screenshot)
    events.record(Event.Kind.TICKET_OPENED, by=Actor.requester(contact), ticket=ticket)
    send_confirmation(ticket)
    return ticket


@transaction.atomic
def open_for(
    *,
    app: AppRegistration,
    email: str,
    pasted: str,
    by: User,
    note: str = "",
    administrator_email: str = "",
) -> Ticket:
    """An agent opens a ticket for somebody; no confirmation is needed. Place it afterwards with
    `placing.place`.
    """
    contact = contact_of(email)
    ticket = Ticket.objects.create(
        app=app,
        contact=contact,
        opened_by=Ticket.OpenedBy.AGENT,
        state=State.OPEN,
        confirmed_at=timezone.now(),
        agent=by,
        administrator=contact_of(administrator_email) if administrator_email else None,
        note=note.strip()[:500],
        **_paste(pasted, ""),
    )
    events.record(Event.Kind.TICKET_OPENED, by=Actor.agent(by), ticket=ticket)
    unknown_codes.count(ticket.diagnosis["codes"], at=timezone.now())
    return ticket


def _paste(pasted: str, seen: str) -> dict[str, Any]:
    """What is kept of a paste: its words without secrets, the diagnosis, what was picked as seen,
    and the kinds of secrets that were removed.
    """
    clean = without_secrets(pasted.replace("\0", ""))
    diagnosis = diagnose(clean, seen=seen).as_dict()
    diagnosis |= {"seen": seen, "secrets_removed": [each.value for each in secrets_removed(clean)]}
    return {"pasted": clean[:KEEP_PASTED], "diagnosis": diagnosis}


def _plain(text: str) -> str:
    """One line without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@transaction.atomic
def send_confirmation(ticket: Ticket) -> bool:
    """Queue the confirmation unless that mailbox had its share of such mails today; tells whether
    it did.
    """
    assert ticket.contact
    mailbox = ticket.contact.mailbox
    # Asks that come at the same time are counted one after the other.
    rates.take_turns("confirmation", mailbox)
    today = OutboxMessage.objects.filter(
        to__mailbox=mailbox,
        kind="confirm_request",
        created_at__gt=timezone.now() - timedelta(days=1),
    ).count()
    if today >= settings.MAILS_TO_STRANGERS_A_DAY:
        return False
    number = ticket.mails.filter(kind="confirm_request").count()
    messages.queue(
        "confirm_request",
        key=f"confirm-request:{ticket.pk}:{number}",
        to=ticket.contact,
        ticket=ticket,
    )
    return True


def check_code(ticket: Ticket, code: str) -> None:
    """Compare the six digits; raises WrongCode, or NoMoreTries once five were wrong. Spaces and
    dashes are fine.
    """
    given = "".join(c for c in code if c in string.digits)
    if not given:
        raise WrongCode
    if not Ticket.objects.filter(pk=ticket.pk, code_tries__lt=MOST_TRIES).update(
        code_tries=F("code_tries") + 1
    ):
        raise NoMoreTries
    if not hmac.compare_digest(given, tokens.confirmation_code(ticket)):
        raise WrongCode


@transaction.atomic
def confirm(ticket: Ticket) -> None:
    """The address is this person's. Confirming twice changes nothing. Place it afterwards with
    `placing.place`.
    """
    # Read anew and held: two browsers may confirm at once, and an open ticket may be opened again.
    ticket.refresh_from_db(from_queryset=Ticket.objects.select_for_update())
    if ticket.is_confirmed:
        return
    ticket.move(State.OPEN, confirmed_at=timezone.now())
    events.record(Event.Kind.TICKET_CONFIRMED, by=Actor.requester(ticket.contact), ticket=ticket)
    _continue_older(ticket)


def _continue_older(ticket: Ticket) -> None:
    """One person has one matter for an app: an older ticket goes on in this one, so that nobody is
    told twice.
    """
    older = Ticket.objects.filter(
        contact=ticket.contact, app__slug=ticket.app.slug, state__in=Ticket.ACTIVE, pk__lt=ticket.pk
    )
    for other in older:
        other.move(State.CLOSED)
        events.record(
            Event.Kind.TICKET_CLOSED,
            by=Actor.requester(ticket.contact),
            ticket=other,
            detail=ticket.number,
        )


@transaction.atomic
def take(ticket: Ticket, *, by: User) -> None:
    """This agent looks after it from now on."""
    Ticket.objects.filter(pk=ticket.pk).update(agent=by, touched_at=timezone.now())
    ticket.refresh_from_db()
    events.record(Event.Kind.TICKET_TAKEN, by=Actor.agent(by), ticket=ticket)


def _lock_request(ticket: Ticket) -> None:
    """Requests are locked before tickets, here as in the worker, so that nobody waits in a ring."""
    if ticket.request:
        requests.lock(ticket.request)


@transaction.atomic
def close(ticket: Ticket, *, by: Actor) -> None:
    """Nothing is left to do. Raises InvalidTransition for one that was never confirmed."""
    _lock_request(ticket)
    ticket.move(State.CLOSED)
    events.record(Event.Kind.TICKET_CLOSED, by=by, ticket=ticket, request=ticket.request)
    if ticket.request:
        requests.withdraw_if_nobody_waits(ticket.request, by=by)


@transaction.atomic
def withdraw(ticket: Ticket) -> None:
    """The requester does not need it any more; the last one to leave takes the request and its
    links along.
    """
    _lock_request(ticket)
    ticket.refresh_from_db()
    if ticket.state == State.CLOSED:
        return
    by = Actor.requester(ticket.contact)
    ticket.move(State.CLOSED)
    events.record(Event.Kind.TICKET_WITHDRAWN, by=by, ticket=ticket, request=ticket.request)
    if ticket.request:
        requests.withdraw_if_nobody_waits(ticket.request, by=by)


@transaction.atomic
def tried(ticket: Ticket, *, worked: bool, pasted: str) -> None:
    """What the requester says of a try: a claim. It closes or reopens this ticket and causes a
    look, nothing else.
    """
    _lock_request(ticket)
    if ticket.request:
        watching.wanted(ticket.request)
    by = Actor.requester(ticket.contact)
    if worked:
        ticket.move(State.SOLVED)
        events.record(Event.Kind.TICKET_SOLVED, by=by, ticket=ticket, request=ticket.request)
    else:
        fields = _paste(pasted, "") if pasted.strip() else {}
        if ticket.request and not ticket.request.is_granted:
            # His own test had told him; the approval that may come is news to him again.
            fields["told_version"] = 0
        ticket.move(State.OPEN, **fields)
        if "diagnosis" in fields:
            unknown_codes.count(ticket.diagnosis["codes"], at=timezone.now())
        events.record(Event.Kind.TICKET_STILL_BLOCKED, by=by, ticket=ticket, request=ticket.request)


@transaction.atomic
def move_status_page(ticket: Ticket, *, by: User) -> None:
    """Give the status page a new address, which its requester gets by mail; the old one opens
    nothing any more. Raises NotOpen where nobody has that page or the address is not confirmed.
    """
    if ticket.contact is None or not ticket.is_confirmed:
        raise NotOpen
    Ticket.objects.filter(pk=ticket.pk).update(link_version=F("link_version") + 1)
    ticket.refresh_from_db()
    events.record(Event.Kind.TICKET_ROTATED, by=Actor.agent(by), ticket=ticket)
    key = f"status-moved:{ticket.pk}:{ticket.link_version}"
    messages.queue("status_moved", key=key, to=ticket.contact, ticket=ticket)
