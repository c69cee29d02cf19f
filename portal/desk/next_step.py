"""What an agent would do next with a ticket: one proposal, by what is known."""

from dataclasses import dataclass

from consent.models import ApprovalLink, ConsentRequest, Event, Reply, Ticket

#: Changes after which an administrator has to approve once more.
_ASK_ANEW = {Ticket.Change.REVOKED, Ticket.Change.NARROWED}


@dataclass(frozen=True)
class NextStep:
    """`code` names the words in desk/_next_step.html; `action` the form that does it, empty where
    it is waiting.
    """

    code: str
    action: str = ""
    link: ApprovalLink | None = None
    reply: Reply | None = None


def next_step(ticket: Ticket) -> NextStep:
    """The one thing that helps most now."""
    if ticket.state == Ticket.State.UNCONFIRMED:
        return NextStep("wait_confirmation")
    if ticket.state in {Ticket.State.SOLVED, Ticket.State.CLOSED}:
        return NextStep("nothing")
    said = _unanswered(ticket)
    if said:
        return said
    request = ticket.request
    if ticket.change and not (request and request.is_open):
        return NextStep(f"changed_{ticket.change}", "send" if ticket.change in _ASK_ANEW else "")
    if request is None:
        return NextStep("no_tenant" if ticket.tenant is None else "no_registration", "reply")
    if request.disabled_at:
        return NextStep("switched_off", "reply")
    if request.is_granted:
        blocked = ticket.state == Ticket.State.OPEN and _still_blocked(ticket)
        return NextStep("still_blocked" if blocked else "ask_whether_it_works", "reply")
    return _of_request(ticket, request)


def _unanswered(ticket: Ticket) -> NextStep | None:
    """What a person wrote last, and nobody has answered."""
    if ticket.state != Ticket.State.OPEN:
        return None
    last = ticket.replies.exclude(is_public=False, to_administrator=False).order_by("-pk").first()
    if last is None or last.author == Reply.Author.AGENT:
        return None
    if last.author == Reply.Author.REQUESTER:
        return NextStep("answer", "reply", reply=last)
    outsider = "@" in last.body and " " not in last.body
    return NextStep("outsider" if outsider else "answer_administrator", reply=last, link=last.link)


def _still_blocked(ticket: Ticket) -> bool:
    kinds = [Event.Kind.TICKET_STILL_BLOCKED, Event.Kind.TICKET_READY]
    last = Event.objects.filter(ticket_id=ticket.pk, kind__in=kinds).order_by("-pk").first()
    return bool(last and last.kind == Event.Kind.TICKET_STILL_BLOCKED)


def _of_request(ticket: Ticket, request: ConsentRequest) -> NextStep:
    links = list(request.links.select_related("recipient").order_by("-pk"))
    declined = next((link for link in links if link.state == ApprovalLink.State.DECLINED), None)
    live = next((link for link in links if link.is_live), None)
    if declined and request.is_open:
        return NextStep("declined", "agree", declined)
    if request.state == ConsentRequest.State.TRIAGE:
        return NextStep("send_link" if ticket.administrator else "find_administrator", "send")
    if request.state == ConsentRequest.State.CLAIMED:
        return NextStep("wait_proof", "check")
    if request.looks_approved:
        return NextStep("looks_approved", "check")
    if request.state == ConsentRequest.State.ASKED and live:
        return _of_link(live)
    if request.state == ConsentRequest.State.DECLINED:
        return NextStep("tell_why", "reply")
    return NextStep("ended", "send")


def _of_link(live: ApprovalLink) -> NextStep:
    if live.later_until:
        return NextStep("wait_later", link=live)
    if live.way == ApprovalLink.Way.SELF:
        return NextStep("self", link=live)
    return NextStep("remind", "resend", live) if live.recipient else NextStep("wait_shared")
