"""What an agent would do next with a ticket: one proposal, by what is known."""

from dataclasses import dataclass

from consent.models import ApprovalLink, ConsentRequest, Ticket


@dataclass(frozen=True)
class NextStep:
    """`code` names the words in desk/_next_step.html; `action` the form that does it, empty where
    it is waiting.
    """

    code: str
    action: str = ""
    link: ApprovalLink | None = None


def next_step(ticket: Ticket) -> NextStep:
    """The one thing that helps most now."""
    if ticket.state == Ticket.State.UNCONFIRMED:
        return NextStep("wait_confirmation")
    if ticket.state in {Ticket.State.SOLVED, Ticket.State.CLOSED}:
        return NextStep("nothing")
    request = ticket.request
    if request is None:
        return NextStep("no_tenant" if ticket.tenant is None else "no_registration", "reply")
    if request.is_granted:
        return NextStep("switched_off" if request.disabled_at else "ask_whether_it_works", "reply")
    return _of_request(ticket, request)


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
        return NextStep(
            "remind" if live.recipient else "wait_shared", "resend" if live.recipient else "", live
        )
    return NextStep("ended", "send")
