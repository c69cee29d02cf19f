"""What we leave in a browser: which tickets it asked for, which trips it makes, and its half of a
sign-in.
"""

import ipaddress
from collections.abc import Iterable

from csp.decorators import csp_update
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from consent import errands, proofs
from consent.attempts import Departure
from consent.models import Ticket
from tenants.microsoft.clouds import served

ASKER, TRIP, PROOF = "portal_asker", "portal_trip_", "portal_proof"
REMEMBERED = 8
DAYS = 24 * 60 * 60

#: Chromium applies form-action to the redirect after a POST as well, so pages with *Continue* name
#: Microsoft's hosts.
may_leave_for_microsoft = csp_update({"form-action": [cloud.login_origin for cloud in served()]})


class SeeOther(HttpResponseRedirect):
    """303: fetch this with GET, whatever was sent."""

    status_code = 303


def _keep(response: HttpResponse, name: str, value: str, seconds: int, path: str = "/") -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=path,
        httponly=True,
        samesite="Lax",
        secure=settings.IS_HTTPS,
    )


def tickets_asked_here(request: HttpRequest) -> list[str]:
    """The public ids of the tickets that this browser asked for, oldest first."""
    try:
        told = signing.loads(request.COOKIES.get(ASKER, ""), salt=ASKER, max_age=14 * DAYS)
    except signing.BadSignature:
        return []
    return [str(item) for item in told]


def remember_ticket(request: HttpRequest, response: HttpResponse, ticket: Ticket) -> None:
    """This browser asked for that ticket, and may confirm it with one click."""
    asked = [*tickets_asked_here(request), ticket.public_id][-REMEMBERED:]
    _keep(response, ASKER, signing.dumps(asked, salt=ASKER), 14 * DAYS)


def browser_secrets(request: HttpRequest) -> dict[str, str]:
    """The secrets of this browser's trips, by the attempt's public id."""
    return {
        name.removeprefix(TRIP): value
        for name, value in request.COOKIES.items()
        if name.startswith(TRIP)
    }


def depart(departure: Departure) -> HttpResponse:
    """Off to Microsoft's consent page, with a fresh secret for the way back."""
    response = SeeOther(departure.address)
    _keep(response, TRIP + departure.attempt.public_id, departure.browser_secret, 2 * 60 * 60)
    return response


def sealed_errand(request: HttpRequest) -> errands.Errand | None:
    """The sign-in that this browser is on, if it is ours and fresh."""
    sealed = request.COOKIES.get(PROOF, "")
    return errands.unseal(sealed) if sealed else None


def follow(step: proofs.Hop | proofs.Arrival) -> HttpResponse:
    """The next hop to Microsoft, or back to our page with the name of what came of it."""
    if isinstance(step, proofs.Hop):
        response: HttpResponse = SeeOther(step.address)
        _keep(
            response,
            PROOF,
            step.sealed,
            int(errands.HOP_LIVES.total_seconds()),
            path="/signin/return/",
        )
        return response
    response = SeeOther(step.back_to + (f"?said={step.said}" if step.said else ""))
    response.delete_cookie(PROOF, path="/signin/return/", samesite="Lax")
    return response


def network_of(request: HttpRequest) -> str:
    """The asker's network, for rate limits only. Behind a proxy that of the last forwarded address,
    which the proxy wrote.
    """
    forwarded: Iterable[str] = request.headers.get("X-Forwarded-For", "").split(",")
    last = [part.strip() for part in forwarded if part.strip()][-1:]
    told = last[0] if settings.BEHIND_PROXY and last else request.META.get("REMOTE_ADDR", "")
    return _network(told)


def _network(told: str) -> str:
    """One name for every way to write an address, its port left out. Of an IPv6 address only the
    first half counts: whoever has one has the other 2^64 behind it, too.
    """
    bare = told.partition("]")[0].lstrip("[") if told.startswith("[") else told
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return told  # a proxy's own word for it, or the empty one of a Unix socket
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, 64), strict=False))
