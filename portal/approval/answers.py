"""What an administrator may answer besides approving."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from consent import links, talks, tickets, watching
from consent.diagnosis import Seen
from consent.errors import DomainError, NotOpen, OtherTenant
from consent.models import ApprovalLink
from portal.approval.access import back, result_path, show, with_link
from portal.approval.forms import AskForm, DeclineForm, ForwardForm, LaterForm
from portal.browsers import SeeOther, may_leave_for_microsoft
from tenants.discovery import belongs_to
from tenants.microsoft.errors import MicrosoftError
from tenants.models import Tenant


@require_POST
@may_leave_for_microsoft
@with_link
def decline(request: HttpRequest, link: ApprovalLink) -> HttpResponse:
    """No, with a reason; undo stands on the next page."""
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return show(request, link, status=422, decline_form=form)
    try:
        links.decline(link, reason=form.cleaned_data["reason"], note=form.cleaned_data["note"])
    except NotOpen:
        return back(link)
    return SeeOther(result_path(link))


@require_POST
@with_link
def undo(_request: HttpRequest, link: ApprovalLink) -> HttpResponse:
    """Take the decline back."""
    try:
        links.undo_decline(link)
    except DomainError:
        return back(link, "not_open")
    return back(link, "undone")


@require_POST
@may_leave_for_microsoft
@with_link
def later(request: HttpRequest, link: ApprovalLink) -> HttpResponse:
    """Not now: ask again on that day."""
    form = LaterForm(request.POST)
    if not form.is_valid():
        return show(request, link, status=422, later_form=form)
    try:
        links.later(link, until=form.cleaned_data["until"], note=form.cleaned_data["note"])
    except NotOpen:
        return back(link)
    return back(link, "later")


@require_POST
@with_link
def not_me(_request: HttpRequest, link: ApprovalLink) -> HttpResponse:
    """The wrong person was asked."""
    try:
        links.not_me(link)
    except NotOpen:
        return back(link)
    return back(link, "not_me")


@require_POST
@may_leave_for_microsoft
@with_link
def ask(request: HttpRequest, link: ApprovalLink) -> HttpResponse:
    """A question to our support."""
    form = AskForm(request.POST)
    if not form.is_valid():
        return show(request, link, status=422, ask_form=form)
    try:
        talks.question(link, message=form.cleaned_data["message"])
    except NotOpen:
        return back(link, "not_open")
    return back(link, "asked")


@require_POST
@may_leave_for_microsoft
@with_link
def forward(request: HttpRequest, link: ApprovalLink) -> HttpResponse:
    """Pass it on to a colleague; an address of another organisation goes to an agent first."""
    form = ForwardForm(request.POST)
    if not form.is_valid():
        return show(request, link, status=422, forward_form=form)
    address = form.cleaned_data["email"]
    tenant, domain = link.request.tenant, address.rpartition("@")[2]
    try:
        colleagues = tenant if belongs_to(tenant, domain) else None
    except MicrosoftError:
        colleagues = None
    try:
        return back(link, _forward(link, address, colleagues))
    except DomainError as error:
        return back(link, error.code)


def _forward(link: ApprovalLink, address: str, tenant: Tenant | None) -> str:
    """Tells what came of it. A refusal leaves nothing behind, not even the address."""
    try:
        with transaction.atomic():
            links.forward(link, to=tickets.contact_of(address), tenant=tenant)
    except OtherTenant:
        links.name_outsider(link, email=address)
        return OtherTenant.code
    return "forwarded"


@require_POST
@with_link
def saw(request: HttpRequest, link: ApprovalLink) -> HttpResponse:
    """What Microsoft showed to somebody who did not come back: a word to us, and a look."""
    seen, said = request.POST.get("seen", ""), "saw"
    if seen in {choice.value for choice in Seen}:
        said = f"saw_{seen}"
        try:
            talks.saw(link, seen=seen)
        except NotOpen:
            return back(link, "not_open")
    watching.wanted(link.request)
    return back(link, said)
