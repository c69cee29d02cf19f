"""What an agent would do next with a ticket: one proposal, by what is known."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from consent import replies, sparing
from consent.models import (
    ApprovalLink,
    ConsentAttempt,
    ConsentRequest,
    Event,
    OutboxMessage,
    Reply,
    Ticket,
)
from consent.unreached import given_up_mail

#: Who was asked has so long before an agent thinks of a reminder.
ANSWERS_WITHIN: Final = timedelta(days=3)
#: Changes after which an administrator has to approve once more.
_ASK_ANEW = {Ticket.Change.REVOKED, Ticket.Change.NARROWED}
State, Way = ConsentRequest.State, ApprovalLink.Way


@dataclass(frozen=True)
class NextStep:
    """`code` names the words in desk/_next_step.html; `action` what its button does, empty where it
    is waiting. `email` is whom a link would go to, `link` whom one would write to.
    """

    code: str
    action: str = ""
    link: ApprovalLink | None = None
    reply: Reply | None = None
    mail: OutboxMessage | None = None
    email: str = ""
    at: datetime | None = None


def next_step(ticket: Ticket) -> NextStep:
    """The one thing that helps most now."""
    if ticket.state == Ticket.State.UNCONFIRMED:
        return NextStep("wait_confirmation", "new")
    if ticket.state in {Ticket.State.SOLVED, Ticket.State.CLOSED}:
        return NextStep("nothing")
    said = _unanswered(ticket)
    if said:
        return said
    request = ticket.request
    if ticket.change and not (request and request.is_open):
        return _of_change(ticket)
    if request is None:
        return _wait_for_requester(ticket) or NextStep(
            "no_tenant" if ticket.tenant is None else "no_registration", "reply"
        )
    if request.disabled_at:
        return NextStep("switched_off", "reply")
    if request.is_granted:
        blocked = ticket.says_still_blocked()
        return NextStep("still_blocked" if blocked else "ask_whether_it_works", "reply")
    return _of_request(ticket, request)


def _unanswered(ticket: Ticket) -> NextStep | None:
    """What a person wrote last, and nobody has answered."""
    last = replies.unanswered(ticket) if ticket.state == Ticket.State.OPEN else None
    if last is None:
        return None
    if last.author == Reply.Author.REQUESTER:
        return NextStep("answer", "reply", reply=last)
    if "@" in last.body and not any(c.isspace() for c in last.body):
        return NextStep("outsider", "send", reply=last, link=last.link, email=last.body)
    if last.link is None or last.link.recipient is None:
        return NextStep("answer_by_requester", "reply", reply=last, link=last.link)
    needs_documents = last.link.decline_reason == ApprovalLink.Reason.NEED_DOCUMENTS
    code = "send_documents" if needs_documents else "answer_administrator"
    return NextStep(code, "answer", reply=last, link=last.link)


def _wait_for_requester(ticket: Ticket) -> NextStep | None:
    """An agent has asked the requester something: nothing else goes on meanwhile."""
    written = ticket.replies.filter(is_public=True, to_administrator=False).order_by("pk").last()
    if ticket.state == Ticket.State.OPEN or not written or written.author != Reply.Author.AGENT:
        return None
    return NextStep("wait_requester", "send" if ticket.request else "", reply=written)


def _of_change(ticket: Ticket) -> NextStep:
    """What the monitor found: who approved it then is the one to write to."""
    if ticket.change == Ticket.Change.DELETED:
        return NextStep("changed_deleted", "close")
    code = f"changed_{ticket.change}"
    if ticket.change in _ASK_ANEW:
        return NextStep(code, "send", email=_named(ticket))
    known = ApprovalLink.objects.filter(request=ticket.request_id, recipient__isnull=False)
    last = known.select_related("recipient").order_by("-pk").first()
    return NextStep(code, "answer" if last else "", link=last)


def _named(ticket: Ticket) -> str:
    """The address of the administrator who was named, empty where nobody was."""
    return ticket.administrator.email if ticket.administrator else ""


def _of_request(ticket: Ticket, request: ConsentRequest) -> NextStep:
    links = list(request.links.select_related("recipient").order_by("-pk"))
    live = [link for link in links if link.is_live]
    if request.is_open and not live:
        declined = _of_decline(ticket, links)
        if declined:
            return declined
    if request.state == State.CLAIMED:
        return NextStep("wait_proof", "check")
    if request.looks_approved:
        return NextStep("looks_approved", "check")
    if request.state == State.ASKED and live:
        return _unproved(request) or _of_links(live)
    if waits := _wait_for_requester(ticket):
        return waits
    if request.state == State.DECLINED:
        return NextStep("tell_why", "reply")
    return _of_nobody_asked(ticket, request)


def _of_nobody_asked(ticket: Ticket, request: ConsentRequest) -> NextStep:
    if ticket.administrator and sparing.said_not_me(ticket.administrator, request):
        return NextStep("named_not_me", "send")
    if request.state == State.TRIAGE:
        code = "send_link" if ticket.administrator else "find_administrator"
        return NextStep(code, "send", email=_named(ticket))
    return NextStep("ended", "send", email=_named(ticket))


def _of_decline(ticket: Ticket, links: list[ApprovalLink]) -> NextStep | None:
    """A decline binds only from whom we asked, and only while nobody else has a way in. Who waits
    for documents has not decided.
    """
    declined = [link for link in links if link.state == ApprovalLink.State.DECLINED]
    asked = [link for link in declined if link.was_asked]
    for link in asked:
        if link.decline_reason == ApprovalLink.Reason.NEED_DOCUMENTS:
            return NextStep("wait_documents", "answer", link)
    if asked:
        return NextStep("declined", "agree", asked[0])
    if declined and declined[0] == links[0]:
        return NextStep("declined_unasked", "send", declined[0], email=_named(ticket))
    return None


def _unproved(request: ConsentRequest) -> NextStep | None:
    """Somebody came back and claimed it, nothing proved it for a day, and no agent wrote since."""
    kinds = Event.Kind
    told = Event.objects.filter(request_id=request.pk).exclude(
        kind=kinds.TICKET_REPLIED, actor=Event.Actor.REQUESTER
    )
    ended = told.filter(kind=kinds.REQUEST_UNPROVED).order_by("-pk").first()
    later = [kinds.REQUEST_CLAIMED, kinds.LINK_SENT, kinds.TICKET_REPLIED]
    if ended is None or told.filter(kind__in=later, pk__gt=ended.pk).exists():
        return None
    claims = request.attempts.filter(outcome=ConsentAttempt.Outcome.CLAIMED)
    trip = claims.select_related("link__recipient").order_by("-returned_at").first()
    link = trip.link if trip and trip.link.recipient else None
    at = trip.returned_at if trip else ended.at
    return NextStep("unproved", "answer" if link else "reply", link, at=at)


def _of_links(live: list[ApprovalLink]) -> NextStep:
    mail = given_up_mail(live)
    if mail:
        return NextStep("mail_failed", "send", mail=mail)
    link = live[0]
    if link.later_until:
        return NextStep("wait_later", link=link)
    if link.way == Way.SELF:
        return NextStep("self", link=link)
    if link.recipient is None:
        return NextStep("wait_shared")
    if timezone.now() - link.sent_at < ANSWERS_WITHIN:
        return NextStep("wait_asked", link=link)
    return NextStep("remind", "resend", link)
