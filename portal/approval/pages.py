"""The administrator's page, the way to Microsoft, and what we know afterwards."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from consent import attempts, links, proofs, watching
from consent.diagnosis import Audience, Cause, advice, diagnose
from consent.errands import Errand
from consent.errors import NotOpen
from consent.models import ApprovalLink, ConsentAttempt, ConsentRequest
from portal.approval.access import back, facts, is_usable, result_path, show, with_link
from portal.browsers import browser_secrets, depart, follow, may_leave_for_microsoft
from tenants.microsoft.errors import SignInRefusal

#: While something may still become visible the result page asks again this often (seconds).
SOON, LATER = 5, 30
WATCHED = timedelta(minutes=3)

#: Trips after which the next step is the page once more, not a check.
GOES_BACK = {
    ConsentAttempt.Outcome.CANCELLED,
    ConsentAttempt.Outcome.REFUSED,
    ConsentAttempt.Outcome.WRONG_TENANT,
    ConsentAttempt.Outcome.TOO_LITTLE,
}
#: What a silent sign-in says when a visible one would help.
VISIBLE = {SignInRefusal.LOGIN_REQUIRED.value, SignInRefusal.SEVERAL_ACCOUNTS.value}


def _may_be_visible(asked: ConsentRequest) -> bool:
    """Only once a look has found the app: before, a visible sign-in would end on a consent page."""
    return bool(asked.is_granted or (asked.is_open and asked.news_at))


@require_safe
@may_leave_for_microsoft
@with_link
def page(request: HttpRequest, link: ApprovalLink) -> HttpResponse:
    """What is asked, why and by whom. Opening it changes nothing that matters."""
    links.opened(link, method=request.method or "GET", at=timezone.now())
    return show(request, link)


@require_POST
@may_leave_for_microsoft
@with_link
def leave(_request: HttpRequest, link: ApprovalLink) -> HttpResponse:
    """*Continue*: to Microsoft's page of exactly that tenant."""
    try:
        return depart(attempts.leave(link))
    except NotOpen:
        return back(link)


@require_safe
@may_leave_for_microsoft
@with_link
def result(request: HttpRequest, link: ApprovalLink) -> HttpResponse:
    """What we know now. In the browser that approved, while proof is outstanding, the silent sign-
    in is repeated.
    """
    now = timezone.now()
    claim = attempts.fresh_claim(link, browser_secrets(request), now)
    outstanding = claim is not None and claim.request.is_open and proofs.can_prove(claim.request)
    # Who reads the page with a screen reader stops it: neither a refresh nor a hop by itself.
    still = "still" in request.GET
    goes_on = outstanding and request.method == "GET" and not still
    if claim and goes_on and proofs.due_retry(claim, now):
        return follow(proofs.begin(proofs.errand_for(claim, result_path(link))))
    asked = claim.request if claim else link.request
    context = facts(request, link)
    trip, said = context["trip"], request.GET.get("said", "")[:30]
    wants_sign_in = said in VISIBLE or bool(claim and claim.needs_sign_in)
    needs_sign_in = wants_sign_in and _may_be_visible(asked)
    let_in = said == "let_in" and claim is None and proofs.let_in_lately(asked, now)
    context |= {
        "request": asked,
        "claim": claim,
        "outcome": trip.outcome if trip else "",
        "codes": trip.codes if trip else [],
        "code_advice": _advice(trip.codes) if trip and trip.codes else "",
        "rung_words": asked.get_rung_display(),
        "said": "" if said in VISIBLE and not needs_sign_in else said,
        "needs_sign_in": needs_sign_in,
        "let_in": let_in,
        "refresh": 0
        if still
        else _refresh(claim, outstanding=outstanding, now_granted=asked.is_granted, at=now),
        "still": still,
        "usable": is_usable(link),
        "goes_back": bool(trip) and trip.outcome in GOES_BACK and not let_in,
    }
    return render(request, "approval/result.html", context)


def _advice(codes: list[str]) -> str:
    """What the catalogue tells an administrator about that code; empty where it is unknown."""
    told = diagnose(" ".join(codes))
    return advice(told, Audience.ADMINISTRATOR) if told.cause != Cause.UNKNOWN else ""


def _refresh(
    claim: ConsentAttempt | None, *, outstanding: bool, now_granted: bool, at: datetime
) -> int:
    """Seconds until the page asks again, 0 for never."""
    if now_granted or claim is None:
        return 0
    if claim.returned_at and at - claim.returned_at < WATCHED:
        wait = proofs.next_retry_in(claim, at) if outstanding else None
        return min(SOON, max(1, int(wait.total_seconds()))) if wait else SOON
    return LATER


@require_POST
@may_leave_for_microsoft
@with_link
def prove(request: HttpRequest, link: ApprovalLink) -> HttpResponse:
    """*I have approved, check again*: the silent hops, then the result. Without a fresh claim they
    are one user's test.
    """
    watching.wanted(link.request)
    claim = attempts.fresh_claim(link, browser_secrets(request), timezone.now())
    visible = "visible" in request.POST and _may_be_visible(link.request)
    if not proofs.can_prove(link.request) or not (link.request.is_open or link.request.is_granted):
        return follow(proofs.Arrival(result_path(link)))
    if claim:
        errand = proofs.errand_for(claim, result_path(link), visible=visible)
    else:
        errand = Errand(request_id=link.request_id, back_to=result_path(link), visible=visible)
    return follow(proofs.begin(errand))
