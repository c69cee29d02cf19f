"""Turns a queued row into a letter when it is delivered: what is no longer true is not sent."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape

from consent import presenting, tokens
from consent.models import AppRegistration, ConsentRequest, OutboxMessage
from consent.outbox.mail import Letter

#: Kinds that many people get about one request, and in which nothing else is their own.
SHARED: Final = frozenset({"consent_granted", "request_declined", "request_expired"})
#: Nobody can write them into a text of his.
_MARKS: Final = {
    name: f"{name}-{secrets.token_hex(12)}" for name in ("number", "status_address", "stop_address")
}
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)


class NoLongerTrue(Exception):
    """The mail would say something that is not so any more, or that its reader does not want."""


def render(message: OutboxMessage) -> Letter:
    """The letter of that row; raises NoLongerTrue."""
    return Press().print(message)


@dataclass(frozen=True)
class _Plate:
    """The three texts of a mail; in those that several share, marks stand for what is each one's
    own.
    """

    subject: str
    text: str
    html: str


class Press:
    """Prints the letters of one batch. News that many people get about one request is rendered, and
    its styles written into its elements, once: only what is each reader's own is set in anew.
    """

    def __init__(self) -> None:
        self._plates: dict[tuple[str, int], _Plate] = {}

    def print(self, message: OutboxMessage) -> Letter:
        """The letter of that row; raises NoLongerTrue."""
        _check(message)
        own = _own(message)
        if message.kind in SHARED and message.ticket and message.ticket.request_id:
            key = message.kind, message.ticket.request_id
            if key not in self._plates:
                nobodys = {"ticket": None, "requester": None, "requester_name": "", "note": ""}
                self._plates[key] = _engrave(message, {**_context(message), **nobodys, **_MARKS})
            plate = _set(self._plates[key], own)
        else:
            plate = _engrave(message, {**_context(message), **own})
        return Letter(
            kind=message.kind,
            to=message.to.email,
            subject=one_line(plate.subject),
            text=plate.text,
            html=plate.html,
            # Half of the digest keeps the header on one line.
            message_id=f"<{tokens.digest('mail', message.key)[:32]}@{settings.MESSAGE_ID_DOMAIN}>",
            reply_to=settings.SUPPORT_EMAIL,
            stop_address=own["stop_address"],
        )


def _own(message: OutboxMessage) -> dict[str, str]:
    """What is each reader's own in a mail that many get."""
    ticket = message.ticket
    return {
        "number": ticket.number if ticket else "",
        "status_address": presenting.status_address(ticket) if ticket else "",
        # Operators cannot stop alarms by a link: others need them.
        "stop_address": "" if message.alarm else presenting.stop_address(message.to),
    }


def _engrave(message: OutboxMessage, context: dict[str, Any]) -> _Plate:
    folder = f"emails/{message.kind}"
    text = re.sub(r"\n{3,}", "\n\n", render_to_string(f"{folder}/body.txt", context)).strip()
    return _Plate(
        subject=render_to_string(f"{folder}/subject.txt", context),
        text=f"{text}\n",
        html=_INLINER.inline(render_to_string(f"{folder}/body.html", context)),
    )


def _set(plate: _Plate, own: dict[str, str]) -> _Plate:
    subject, text, html = plate.subject, plate.text, plate.html
    for name, mark in _MARKS.items():
        subject, text = subject.replace(mark, own[name]), text.replace(mark, own[name])
        html = html.replace(mark, escape(own[name]))
    return _Plate(subject, text, html)


def one_line(text: str) -> str:
    """Fit for a header: one line of printable characters, at most 160."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:160]


def _request_of(message: OutboxMessage) -> ConsentRequest | None:
    if message.link:
        return message.link.request
    return message.ticket.request if message.ticket else None


def _app_of(message: OutboxMessage) -> AppRegistration | None:
    if request := _request_of(message):
        return request.app
    if message.ticket:
        return message.ticket.app
    return message.alarm.app if message.alarm else None


def _is_good_news(request: ConsentRequest | None) -> bool:
    """It is granted and works. What was read when the mail was claimed may be over by now."""
    if request is None:
        return False
    if request.disabled_at:
        request.refresh_from_db(fields=["state", "disabled_at"])
    return request.is_granted and not request.disabled_at


def _check(message: OutboxMessage) -> None:
    request = _request_of(message)
    untrue: dict[str, Callable[[], bool]] = {
        "confirm_request": lambda: bool(message.ticket and message.ticket.is_confirmed),
        "approval_request": lambda: (
            not (message.link and message.link.is_live and request and request.is_open)
        ),
        "consent_granted": lambda: not _is_good_news(request),
        "operators_alarm": lambda: not (message.alarm and message.alarm.is_standing),
        "try_connection": lambda: not (request and request.is_open and request.looks_approved),
    }
    if message.to.stopped_at and not message.alarm:
        raise NoLongerTrue("stopped")
    if message.kind in untrue and untrue[message.kind]():
        raise NoLongerTrue("no longer true")


def _context(message: OutboxMessage) -> dict[str, Any]:
    ticket, link, alarm = message.ticket, message.link, message.alarm
    request = _request_of(message)
    return {
        "ticket": ticket,
        "link": link,
        "reply": message.reply,
        "request": request,
        "app": _app_of(message),
        "tenant": request.tenant if request else None,
        "requester": ticket.contact if ticket and ticket.is_confirmed else None,
        "requester_name": presenting.defused(ticket.who) if ticket and ticket.is_confirmed else "",
        "note": presenting.defused(ticket.note) if ticket and ticket.is_confirmed else "",
        # Templates call what is callable: most kinds need neither, and many mails are rendered.
        "permissions": partial(presenting.asked_permissions, request) if request else [],
        "needed_role": partial(presenting.needed_role, request) if request else "",
        "matching_code": tokens.matching_code(request) if request else "",
        "approval_address": presenting.approval_address(link) if link else "",
        "portal_way": presenting.portal_way(request) if request else "",
        "listing": partial(presenting.listing, request) if request else "",
        "alarm": alarm,
        "worker_address": presenting.absolute("desk:worker") if alarm else "",
        "support_email": settings.SUPPORT_EMAIL,
        "support_name": settings.SUPPORT_NAME,
        "portal_url": settings.PORTAL_URL,
    }
