"""Every kind of mail as it leaves, and what is no longer true and does not."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.utils import timezone

from consent import presenting
from consent.outbox import rendering
from consent.outbox.rendering import NoLongerTrue, Press, one_line, render
from tests.factories import (
    ApprovalLinkFactory,
    ConsentRequestFactory,
    ContactFactory,
    OutboxMessageFactory,
    ReplyFactory,
    TicketFactory,
)

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"
FOLDERS = sorted(path.parent.name for path in Path("templates/emails").glob("*/subject.txt"))
#: What operators get is tested beside the alarms.
KINDS = [name for name in FOLDERS if not name.startswith("operators_")]
TO_ADMINISTRATORS = {"administrator_reply", "approval_request", "consent_receipt"}
STATE = {
    "consent_granted": {"granted": True},
    "consent_receipt": {"granted": True},
    "try_connection": {"asked": True, "looks_approved": True},
    "request_declined": {"declined": True},
    "request_expired": {"expired": True},
}


def message(kind, request=None, ticket=None, **fields):
    """A mail of that kind that is true."""
    if request is None:
        request = ConsentRequestFactory(**STATE.get(kind, {"asked": True}), tenant__name="Contoso")
    if ticket is None:
        unconfirmed = {"unconfirmed": True} if kind == "confirm_request" else {}
        ticket = TicketFactory(
            request=request,
            name="Ana",
            note="For our calendars.",
            contact__email="ana@contoso.example",
            **unconfirmed,
        )
    link = None
    if kind in TO_ADMINISTRATORS:
        link = ApprovalLinkFactory(
            request=request, from_ticket=ticket, recipient__email="admin@contoso.example"
        )
    reply = None
    if kind.endswith("reply"):
        reply = ReplyFactory(ticket=ticket, author="agent", body="Only the calendars.")
    to = link.recipient if link else ticket.contact
    return OutboxMessageFactory(
        **{"kind": kind, "to": to, "ticket": ticket, "link": link, "reply": reply, **fields}
    )


def test_every_folder_of_mails_is_among_the_kinds():
    assert KINDS == [
        "administrator_reply",
        "approval_request",
        "confirm_request",
        "consent_granted",
        "consent_receipt",
        "request_declined",
        "request_expired",
        "status_moved",
        "ticket_reply",
        "try_connection",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_mail_names_ticket_app_sender_and_the_way_to_be_left_alone(kind):
    mail = message(kind)

    letter = render(mail)

    assert (letter.kind, letter.to, letter.reply_to) == (
        kind,
        mail.to.email,
        "support@acme.example",
    )
    assert letter.subject.endswith(f"[{mail.ticket.number}]")
    assert "Acme Calendar" in letter.subject
    assert letter.stop_address == presenting.stop_address(mail.to)
    for body in (letter.text, letter.html):
        assert letter.stop_address in body
        assert mail.ticket.number in body
    assert "\n\n\n" not in letter.text
    assert "{{" not in letter.text + letter.html


@pytest.mark.parametrize("kind", KINDS)
def test_mail_leads_to_the_page_of_its_reader_alone(kind):
    mail = message(kind)

    letter = render(mail)

    own, others = presenting.status_address(mail.ticket), "/a/"
    if kind == "consent_receipt":
        # It is done: the way leads to Microsoft, where it can be undone.
        own, others = presenting.portal_way(mail.link.request), "/t/"
    elif mail.link:
        own, others = presenting.approval_address(mail.link), "/t/"
    for body in (letter.text, unescape(letter.html)):
        assert own in body
        assert others not in body


@pytest.mark.parametrize("kind", KINDS)
def test_mail_carries_no_markup_that_somebody_typed(kind):
    request = ConsentRequestFactory(
        **STATE.get(kind, {"asked": True}), tenant__name=SCRIPT, app__name=SCRIPT
    )
    unconfirmed = {"unconfirmed": True} if kind == "confirm_request" else {}
    ticket = TicketFactory(request=request, name=SCRIPT, note=SCRIPT, **unconfirmed)
    mail = message(kind, request, ticket)
    if mail.reply:
        mail.reply.body = SCRIPT
        mail.reply.save()

    assert SCRIPT not in render(mail).html


def test_mail_has_the_same_message_id_every_time_and_another_for_another_key():
    mail = message("ticket_reply", key="reply:1:1")
    first, second = render(mail), render(mail)
    other = render(message("ticket_reply", key="reply:2:1", ticket=mail.ticket))

    assert first.message_id == second.message_id != other.message_id
    assert re.fullmatch(r"<[0-9a-f]{32}@acme\.example>", first.message_id)


def test_confirmation_carries_no_word_that_the_asker_typed():
    request = ConsentRequestFactory()
    ticket = TicketFactory(
        request=request, unconfirmed=True, name="Casino", note="Win money", pasted="Lottery"
    )

    letter = render(message("confirm_request", request, ticket))

    for word in ("Casino", "Win money", "Lottery"):
        assert word not in letter.subject + letter.text + letter.html


def test_administrators_mail_quotes_the_requester_last_and_defused():
    request = ConsentRequestFactory(asked=True)
    ticket = TicketFactory(
        request=request,
        name="Ana www.evil.example",
        note="See https://evil.example or me@evil.example",
    )

    letter = render(message("approval_request", request, ticket))

    for body in (letter.text, letter.html):
        assert "evil.example" not in body
        assert "evil[.]example" in body
    assert letter.text.index("evil[.]example") > letter.text.index(request.app.client_id)


def test_administrators_mail_for_no_ticket_names_no_requester():
    request = ConsentRequestFactory(asked=True)
    link = ApprovalLinkFactory(request=request)
    mail = OutboxMessageFactory(kind="approval_request", ticket=None, link=link, to=link.recipient)

    letter = render(mail)

    assert letter.subject == f"A decision about Acme Calendar for {request.tenant}"


def test_mail_about_neither_request_nor_app_has_a_frame_still():
    mail = OutboxMessageFactory(kind="ticket_reply", ticket=None, to=ContactFactory())

    assert render(mail).to == mail.to.email


def untrue(kind):
    """A mail of that kind that was overtaken."""
    if kind == "confirm_request":
        return message(kind, ticket=TicketFactory())
    if kind == "approval_request closed":
        mail = message("approval_request")
        mail.link.move("revoked", closed_at=timezone.now())
        return mail
    if kind == "consent_granted without a request":
        return message("consent_granted", ticket=TicketFactory(request=None, tenant=None))
    if kind == "approval_request without a link":
        return message("approval_request", link=None)
    request = {
        "approval_request decided": {"granted": True},
        "consent_granted": {"revoked": True},
        "consent_granted disabled": {"granted": True, "disabled_at": timezone.now()},
        "try_connection": {"asked": True},
        "try_connection decided": {"granted": True},
    }[kind]
    return message(kind.partition(" ")[0], ConsentRequestFactory(**request))


@pytest.mark.parametrize(
    "kind",
    [
        "confirm_request",
        "approval_request closed",
        "approval_request without a link",
        "approval_request decided",
        "consent_granted",
        "consent_granted disabled",
        "consent_granted without a request",
        "try_connection",
        "try_connection decided",
    ],
)
def test_mail_that_is_no_longer_true_is_not_rendered(kind):
    with pytest.raises(NoLongerTrue, match="no longer true"):
        render(untrue(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_mail_to_who_wants_none_is_not_rendered(kind):
    mail = message(kind)
    mail.to.stopped_at = timezone.now()

    with pytest.raises(NoLongerTrue, match="stopped"):
        render(mail)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Approved \n", "Approved"),
        ("Approved\r\nBcc: eva@contoso.example", "Approved Bcc: eva@contoso.example"),
        ("a\0b\x85c\u2028d\u200be", "a b c d e"),
        ("x" * 200, "x" * 160),
    ],
)
def test_subject_is_one_line(text, line):
    assert one_line(text) == line


@pytest.mark.parametrize("kind", sorted(rendering.SHARED))
def test_news_that_many_get_is_each_ones_own_letter(kind, monkeypatch):
    request = ConsentRequestFactory(**STATE[kind], tenant__name="Contoso & Sons")
    mails = [
        message(kind, request, TicketFactory(request=request, name=f"Ana {n}", note="For us"))
        for n in range(3)
    ]
    press = Press()
    together = [press.print(mail) for mail in mails]

    monkeypatch.setattr(rendering, "SHARED", frozenset())
    assert together == [render(mail) for mail in mails]
    assert len({letter.html for letter in together}) == 3


def test_news_that_many_get_is_rendered_and_styled_once(monkeypatch):
    request = ConsentRequestFactory(granted=True)
    mails = [message("consent_granted", request, TicketFactory(request=request)) for _ in range(3)]
    mails.append(message("consent_granted"))
    opened = []
    real = rendering.render_to_string
    monkeypatch.setattr(
        rendering,
        "render_to_string",
        lambda name, context: opened.append(name) or real(name, context),
    )
    press = Press()
    for mail in mails:
        press.print(mail)

    # Once for each of the two requests.
    assert len(opened) == 6
