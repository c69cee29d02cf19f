"""Where Microsoft sends browsers back: claims come in here, and nothing here believes them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consent import attempts, proofs
from consent.models import ConsentRequest
from portal.approval.access import result_path
from portal.browsers import SeeOther, browser_secrets, follow, sealed_errand
from tenants.microsoft.login import ForeignReturn


def _neutral(request: HttpRequest) -> HttpResponse:
    """The one answer to every return that we do not know: nothing written, nothing used up, nothing
    told.
    """
    response = render(request, "approval/unknown_return.html")
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def consent(request: HttpRequest) -> HttpResponse:
    """Back from the consent page. The claim is stored; then, where it helps, on over the silent
    hops of the proof.
    """
    attempt = (
        attempts.known(request.GET, browser_secrets(request)) if request.method == "GET" else None
    )
    if attempt is None or not attempts.come_back(attempt, request.GET):
        attempts.hint(request.GET)
        return _neutral(request)
    back_to = result_path(attempt.link)
    if (
        attempt.outcome == attempts.Outcome.CLAIMED
        and attempt.request.is_open
        and proofs.can_prove(attempt.request)
    ):
        return follow(proofs.begin(proofs.errand_for(attempt, back_to)))
    return SeeOther(back_to)


@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """Back from a sign-in: redeemed, kept as evidence, and on to the next hop or our page."""
    errand = sealed_errand(request) if request.method == "GET" else None
    if errand is None:
        return _neutral(request)
    try:
        return follow(proofs.come_back(errand, request.GET.dict()))
    except (ForeignReturn, ConsentRequest.DoesNotExist):
        return _neutral(request)
