"""Trips to Microsoft's consent page: leaving with a single-use state, and what comes back."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from consent import events, requests, watching
from consent.actors import Actor
from consent.errors import NotOpen
from consent.models import ApprovalLink, ConsentAttempt, ConsentRequest, Event, Evidence
from consent.outbox.doorbell import ring
from tenants.microsoft import login
from tenants.microsoft.consent_claim import ConsentClaim, read_claim
from tenants.microsoft.guids import is_guid

Outcome = ConsentAttempt.Outcome
#: A claim helps to prove something only while it is this young, in the browser that made it.
FRESH: Final = timedelta(minutes=15)


@dataclass(frozen=True)
class Departure:
    """Where to send the browser, and the secret it keeps so that it alone can bring the answer."""

    attempt: ConsentAttempt
    address: str
    browser_secret: str


def return_address() -> str:
    """Our redirect address for the consent page, as registered at Entra."""
    return f"{settings.PORTAL_URL}/consent/return/"


@transaction.atomic
def leave(link: ApprovalLink) -> Departure:
    """A person presses Continue: a fresh state and a fresh browser secret. Raises NotOpen."""
    request = link.request
    if not link.is_live or not request.is_open:
        raise NotOpen
    app = request.app
    state, browser_secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    attempt = ConsentAttempt.objects.create(
        request=request,
        link=link,
        state_hash=digest(state),
        browser_hash=digest(browser_secret),
        permission_version=request.permission_version,
        left_at=timezone.now(),
    )
    owned = bool(app.credential)
    address = login.consent_address(
        app.microsoft,
        request.tenant.tenant_id,
        app.client_id,
        app.permissions(request.permission_version),
        redirect_uri=return_address() if owned else None,
        state=state if owned else None,
    )
    events.record(Event.Kind.LINK_LEFT, by=Actor.administrator(link.recipient), link=link)
    watching.left(request)
    return Departure(attempt, address, browser_secret)


def digest(text: str) -> str:
    """SHA-256 in hexadecimal: what we keep of a secret."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def known(query: Mapping[str, str], browser_secrets: Mapping[str, str]) -> ConsentAttempt | None:
    """The unused attempt of that `state`, if this browser is the one that left; `browser_secrets`
    by public id.
    """
    attempt = (
        ConsentAttempt.objects.select_related("link__recipient", "request__app", "request__tenant")
        .filter(state_hash=digest(query.get("state", "")), outcome=Outcome.AWAY)
        .first()
    )
    return attempt if attempt and _is_of_browser(attempt, browser_secrets) else None


def _is_of_browser(attempt: ConsentAttempt, browser_secrets: Mapping[str, str]) -> bool:
    """The browser with these secrets is the one that left."""
    shown = digest(browser_secrets.get(attempt.public_id, ""))
    return secrets.compare_digest(shown, attempt.browser_hash)


@transaction.atomic
def come_back(attempt: ConsentAttempt, query: Mapping[str, str]) -> bool:
    """Store what the browser says as a claim and ring; the request stays where it is. False if it
    was used meanwhile.
    """
    claim = read_claim(query)
    outcome, codes, now = _outcome(attempt, claim), list(claim.codes), timezone.now()
    fields = {"outcome": outcome, "codes": codes, "returned_at": now}
    if not ConsentAttempt.objects.filter(pk=attempt.pk, outcome=Outcome.AWAY).update(**fields):
        return False
    attempt.refresh_from_db()
    if (
        outcome == Outcome.CLAIMED
        and not attempt.request.is_open
        and not attempt.request.is_granted
    ):
        attempt.request = requests.succeed(
            attempt.request, by=Actor.administrator(attempt.link.recipient)
        )
        attempt.save(update_fields=["request"])
    record_evidence(
        attempt.request,
        kind=Evidence.Kind.CLAIM,
        said="yes" if outcome == Outcome.CLAIMED else outcome.value,
        attempt=attempt,
        codes=codes,
    )
    by = Actor.administrator(attempt.link.recipient)
    events.record(
        Event.Kind.LINK_RETURNED,
        by=by,
        link=attempt.link,
        request=attempt.request,
        detail=outcome.value,
    )
    watching.returned(attempt.request)
    return True


def _outcome(attempt: ConsentAttempt, claim: ConsentClaim) -> ConsentAttempt.Outcome:
    app = attempt.request.app
    if not claim.is_approval:
        return Outcome.CANCELLED if claim.is_cancelled else Outcome.REFUSED
    if claim.tenant_id != attempt.request.tenant.tenant_id:
        return Outcome.WRONG_TENANT
    if not claim.covers(app.permissions(attempt.permission_version), app.microsoft):
        return Outcome.TOO_LITTLE
    return Outcome.CLAIMED


def record_evidence(
    request: ConsentRequest,
    *,
    kind: Evidence.Kind,
    said: str,
    attempt: ConsentAttempt | None = None,
    **fields: object,
) -> Evidence:
    """One thing learnt, now, for the request's permission version (or the attempt's, where there is
    one).
    """
    return Evidence.objects.create(
        request=request,
        attempt=attempt,
        kind=kind,
        said=said,
        at=timezone.now(),
        permission_version=attempt.permission_version if attempt else request.permission_version,
        **fields,
    )


def hint(query: Mapping[str, str]) -> None:
    """A return nobody knows writes nothing of its own; the worker may bring the next look of that
    tenant forward. It is told of any tenant: who opens such an address learns by no delay whom we
    know.
    """
    tenant_id = query.get("tenant", "").lower()
    if is_guid(tenant_id):
        ring("consent.follow_hint", tenant_id)


def follow_hint(tenant_id: str) -> None:
    """Bring the looks of that tenant's open requests forward, if it is one of ours."""
    for request in ConsentRequest.objects.filter(
        tenant__tenant_id=tenant_id,
        state__in=[ConsentRequest.State.ASKED, ConsentRequest.State.CLAIMED],
    )[:5]:
        watching.hinted(request)


def fresh_claim(
    link: ApprovalLink, browser_secrets: Mapping[str, str], at: datetime
) -> ConsentAttempt | None:
    """This browser's own return with a claim through that link, if it is under 15 minutes old."""
    claims = link.attempts.filter(outcome=Outcome.CLAIMED, returned_at__gt=at - FRESH).order_by(
        "-returned_at"
    )
    of_link = claims.select_related("request__app", "request__tenant", "link")
    return next((one for one in of_link if _is_of_browser(one, browser_secrets)), None)


def latest(link: ApprovalLink, browser_secrets: Mapping[str, str]) -> ConsentAttempt | None:
    """This browser's newest trip through that link."""
    newest_first = link.attempts.order_by("-left_at")
    return next((one for one in newest_first if _is_of_browser(one, browser_secrets)), None)
