"""One look at one tenant: a token of the app itself, then what Graph shows of our service
principal, then a token for each further API whose roles that did not show.
"""

import logging
import time
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.utils import timezone

from consent.models import Check
from consent.verification import canary, roles
from consent.verification.claiming import ClaimedLook
from consent.verification.findings import Finding
from tenants.microsoft import clouds, graph, kept_tokens, login
from tenants.microsoft.clouds import Cloud
from tenants.microsoft.credentials import CredentialUnreadable, credential
from tenants.microsoft.errors import (
    BlockedByTenant,
    MicrosoftError,
    NotYetGranted,
    OwnCredentialBroken,
    Throttled,
    TokenRefused,
    Transient,
)
from tenants.microsoft.kept_tokens import Tokens
from tenants.microsoft.permissions import GRAPH

logger = logging.getLogger(__name__)
#: Graph's word for an app that Microsoft itself has switched off.
DISABLED_BY_MICROSOFT: Final = "disabledByMicrosoftStatus"
OUTCOMES: Final = (
    (NotYetGranted, Check.Outcome.ABSENT),
    (BlockedByTenant, Check.Outcome.DISABLED),
    (OwnCredentialBroken, Check.Outcome.CREDENTIAL),
    (CredentialUnreadable, Check.Outcome.CREDENTIAL),
    (Throttled, Check.Outcome.THROTTLED),
    (Transient, Check.Outcome.UNREACHABLE),
)

#: At times every look ends in one of these, so each is worth a line and no more.
_TO_BE_MADE_AGAIN: Final = frozenset({Check.Outcome.THROTTLED, Check.Outcome.UNREACHABLE})


async def look(session: graph.Session, claimed: ClaimedLook) -> Finding:
    """One look, with tokens kept from an earlier one where that only confirms what was settled,
    else with fresh ones: only they may tell anything new.

    Raises UnknownCloud.
    """
    at, started = timezone.now(), time.monotonic()
    if not claimed.app.credential:
        return Finding(None, at)
    cloud = clouds.cloud(claimed.app.cloud)
    kept = _kept_tokens(cloud, claimed)
    finding = await _confirmed(session, cloud, claimed, kept, at) if kept else None
    if finding is None:
        finding = await _fresh(session, cloud, claimed, at)
        finding = replace(finding, calls=finding.calls + (1 if kept else 0))
    return replace(finding, milliseconds=int((time.monotonic() - started) * 1000))


def _kept_tokens(cloud: Cloud, claimed: ClaimedLook) -> Tokens | None:
    if not claimed.settled:
        return None
    app = claimed.app
    return kept_tokens.recall(cloud, claimed.tenant_id, app.client_id, roles=app.roles)


async def _confirmed(
    session: graph.Session, cloud: Cloud, claimed: ClaimedLook, tokens: Tokens, at: datetime
) -> Finding | None:
    """What the kept tokens show, if that is what was settled, or that Microsoft cannot be asked
    now. None where fresh ones have to tell.
    """
    try:
        view = await _view(session, cloud, claimed, tokens[GRAPH])
    except (TokenRefused, NotYetGranted):
        view = None
    except MicrosoftError as error:
        return replace(_failed(at, error), calls=1)
    if view and tokens.keys() >= set(roles.unshown(claimed, view)):
        finding = _finding(claimed, view, tokens, at)
        if claimed.settled.startswith(finding.fingerprint):
            return replace(finding, calls=1, is_kept=True)
    kept_tokens.drop(cloud, claimed.tenant_id, claimed.app.client_id)
    return None


async def _fresh(
    session: graph.Session, cloud: Cloud, claimed: ClaimedLook, at: datetime
) -> Finding:
    calls = 1
    try:
        key = credential(claimed.app.credential, claimed.app.client_id)
        tokens = {GRAPH: await login.app_token_async(cloud, claimed.tenant_id, key)}
        calls += 1
        view = await _view(session, cloud, claimed, tokens[GRAPH])
        others = await roles.ask(cloud, claimed, key, view)
        calls += others.calls
        tokens |= others.tokens
        finding = _finding(claimed, view, tokens, at)
        if finding.present:
            finding = replace(finding, unread=frozenset(others.unread), code=others.code)
        if tokens.keys() >= set(roles.unshown(claimed, view)):
            kept_tokens.keep(cloud, claimed.tenant_id, claimed.app.client_id, tokens)
    except (NotYetGranted, BlockedByTenant) as error:
        finding = await _refused(at, cloud, claimed, error)
    except (MicrosoftError, CredentialUnreadable) as error:
        finding = _failed(at, error)
    return replace(finding, calls=calls)


async def _view(
    session: graph.Session, cloud: Cloud, claimed: ClaimedLook, token: login.AppToken
) -> graph.DirectoryView:
    client_id, resources = claimed.app.client_id, claimed.app.resources
    return await graph.look(
        session, cloud, token, client_id, resources=resources, can_wait=claimed.is_monitor
    )


def _finding(
    claimed: ClaimedLook, view: graph.DirectoryView, tokens: Tokens, at: datetime
) -> Finding:
    principal = view.service_principal
    if principal is None:
        return Finding(Check.Outcome.ABSENT, at)
    is_usable = principal.enabled and not principal.disabled_by_microsoft
    return Finding(
        Check.Outcome.PRESENT if is_usable else Check.Outcome.DISABLED,
        at,
        code=DISABLED_BY_MICROSOFT if principal.disabled_by_microsoft else "",
        assignment_required=principal.assignment_required,
        application=roles.granted(claimed, view, tokens),
        grants=view.delegated_grants,
    )


async def _refused(
    at: datetime, cloud: Cloud, claimed: ClaimedLook, error: NotYetGranted | BlockedByTenant
) -> Finding:
    """Nobody approved it there, or somebody switched it off there; unless it is our own
    registration that is missing or switched off.
    """
    finding = _failed(at, error)
    is_known = bool(claimed.settled) and claimed.settled.startswith(finding.fingerprint)
    # What is new may become somebody's baseline, and a mistake of ours is minutes old at first.
    within = canary.BELIEVED_FOR if is_known else canary.BELIEVED_NEWS_FOR
    try:
        key = credential(claimed.app.credential, claimed.app.client_id)
        await canary.listen(cloud, claimed.app.home_tenant_id, key, within=within)
    except canary.CanarySilent as silent:
        about_it = {"correlation_id": silent.correlation_id}
        logger.error("our own app cannot get a token at home: %s", silent.code, extra=about_it)
        return Finding(Check.Outcome.CREDENTIAL, at, code=silent.code)
    except canary.CanaryUnheard:
        return replace(_failed(at, Transient()), code=canary.UNHEARD)
    return finding


def _failed(at: datetime, error: MicrosoftError | CredentialUnreadable) -> Finding:
    code = getattr(error, "code", None) or ""
    outcome = next(
        (found for kind, found in OUTCOMES if isinstance(error, kind)), Check.Outcome.UNKNOWN
    )
    about_it = {"correlation_id": getattr(error, "correlation_id", None)}
    name = code or type(error).__name__
    if outcome == Check.Outcome.CREDENTIAL:
        logger.error("our own credential does not work: %s", name, extra=about_it)
    elif outcome == Check.Outcome.UNKNOWN:
        logger.warning("Microsoft answered with something new: %s", name, extra=about_it)
    elif outcome in _TO_BE_MADE_AGAIN:
        logger.info("look failed, %s: %s", outcome.value, name, extra=about_it)
    return Finding(outcome, at, code=code, retry_after=getattr(error, "retry_after", 0.0) or 0.0)
