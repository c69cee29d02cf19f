"""Turns a queued row into a letter when it is delivered: what is no longer true is not sent."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import css_inline
from django.conf import settings
from django.template.loader import render_to_string

from consent import presenting, tokens
from consent.models import OutboxMessage
from consent.outbox.mail import Letter

_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)


class NoLongerTrue(Exception):
    """The mail would say something that is not so any more, or that its reader does not want."""


def render(message: OutboxMessage) -> Letter:
    """The letter of that row; raises NoLongerTrue."""
    _check(message)
    context = _context(message)
    folder = f"emails/{message.kind}"
    html = _INLINER.inline(render_to_string(f"{folder}/body.html", context))
    return Letter(
        kind=message.kind,
        to=message.to.email,
        subject=one_line(render_to_string(f"{folder}/subject.txt", context)),
        text=re.sub(r"\n{3,}", "\n\n", render_to_string(f"{folder}/body.txt", context)).strip()
        + "\n",
        html=html,
        # Half of the digest keeps the header on one line.
        message_id=f"<{tokens.digest('mail', message.key)[:32]}@{settings.MESSAGE_ID_DOMAIN}>",
        reply_to=settings.SUPPORT_EMAIL,
        stop_address=context["stop_address"],
    )


def one_line(text: str) -> str:
    """Fit for a header: one line of printable characters, at most 160."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:160]


def _check(message: OutboxMessage) -> None:
    request = (
        message.link.request if message.link else message.ticket.request if message.ticket else None
    )
    untrue: dict[str, Callable[[], bool]] = {
        "confirm_request": lambda: bool(message.ticket and message.ticket.is_confirmed),
        "approval_request": lambda: (
            not (message.link and message.link.is_live and request and request.is_open)
        ),
        "consent_granted": lambda: not (request and request.is_granted and not request.disabled_at),
        "operators_alarm": lambda: not (message.alarm and message.alarm.is_standing),
        "try_connection": lambda: not (request and request.is_open and request.looks_approved),
    }
    if message.to.stopped_at and not message.alarm:
        raise NoLongerTrue("stopped")
    if message.kind in untrue and untrue[message.kind]():
        raise NoLongerTrue("no longer true")


def _context(message: OutboxMessage) -> dict[str, Any]:
    ticket, link, alarm = message.ticket, message.link, message.alarm
    request = link.request if link else ticket.request if ticket else None
    app = request.app if request else ticket.app if ticket else alarm.app if alarm else None
    return {
        "ticket": ticket,
        "number": ticket.number if ticket else "",
        "link": link,
        "reply": message.reply,
        "request": request,
        "app": app,
        "tenant": request.tenant if request else None,
        "requester": ticket.contact if ticket and ticket.is_confirmed else None,
        "requester_name": presenting.defused(ticket.who) if ticket and ticket.is_confirmed else "",
        "note": presenting.defused(ticket.note) if ticket and ticket.is_confirmed else "",
        # Templates call what is callable: most kinds need neither, and many mails are rendered.
        "permissions": partial(presenting.asked_permissions, request) if request else [],
        "needed_role": partial(presenting.needed_role, request) if request else "",
        "matching_code": tokens.matching_code(request) if request else "",
        "status_address": presenting.status_address(ticket) if ticket else "",
        "approval_address": presenting.approval_address(link) if link else "",
        "portal_way": presenting.portal_way(request) if request else "",
        "alarm": alarm,
        "worker_address": presenting.absolute("desk:worker") if alarm else "",
        "stop_address": "" if alarm else presenting.stop_address(message.to),
        "support_email": settings.SUPPORT_EMAIL,
        "support_name": settings.SUPPORT_NAME,
        "portal_url": settings.PORTAL_URL,
    }
