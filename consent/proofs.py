"""The proof by sign-in: two silent hops to Microsoft, neither of which can show a consent page or
create anything.

First who it is (tenant, object ID, roles), then whether that account's tokens cover the whole
set, one hop a resource. Tokens are read and dropped; what stays is evidence. The browser carries
its half of a hop in a sealed cookie.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from consent import events, watching
from consent.actors import Actor
from consent.attempts import FRESH, record_evidence
from consent.errands import IDENTITY, Errand, seal
from consent.models import ConsentAttempt, ConsentRequest, Event, Evidence, Ticket
from tenants.microsoft import login
from tenants.microsoft.credentials import CredentialUnreadable, credential
from tenants.microsoft.errors import MicrosoftError, SignInRefusal, SignInRefused
from tenants.microsoft.permissions import Kind, Permission, by_resource, fully_qualified

#: When the result page tries again by itself, counted from the return.
RETRY_AFTER: Final = tuple(timedelta(seconds=s) for s in (5, 10, 20, 40, 80))


@dataclass(frozen=True)
class Hop:
    """Send the browser to `address`; it keeps `sealed` as a cookie until it comes back."""

    address: str
    sealed: str


@dataclass(frozen=True)
class Arrival:
    """The hops are over: the browser goes to `back_to`, a path of ours. `let_in`: that account's
    tokens cover the whole set.
    """

    back_to: str
    refusal: SignInRefusal | None = None
    let_in: bool = False

    @property
    def said(self) -> str:
        """The short word for what came of it, as templates/components/said.html knows it; empty
        where nothing was tried.
        """
        return self.refusal.value if self.refusal else "let_in" if self.let_in else ""


def return_address() -> str:
    """Our redirect address for sign-ins, as registered at Entra."""
    return f"{settings.PORTAL_URL}/signin/return/"


def can_prove(request: ConsentRequest) -> bool:
    """Sign-ins prove something: the app is ours, and there is a delegated permission that they can
    show.
    """
    return bool(request.app.credential) and bool(_resources(request))


def _resources(request: ConsentRequest) -> list[tuple[str, list[Permission]]]:
    delegated = [
        permission
        for permission in request.app.permissions(request.permission_version)
        if permission.kind == Kind.DELEGATED and not permission.is_for_sign_in
    ]
    return sorted(
        (resource, sorted(group, key=str)) for resource, group in by_resource(delegated).items()
    )


def begin(errand: Errand) -> Hop | Arrival:
    """Start (or go on with) the hops; an Arrival at once where Microsoft or our credential is in
    the way.
    """
    request = ConsentRequest.objects.select_related("app", "tenant").get(pk=errand.request_id)
    app = request.app
    scopes = ["openid", "profile"]
    if errand.stage != IDENTITY:
        wanted = dict(_resources(request))[errand.stage]
        scopes = [fully_qualified(permission, app.microsoft) for permission in wanted]
    try:
        trip = login.begin_sign_in(
            app.microsoft,
            request.tenant.tenant_id,
            credential(app.credential, app.client_id),
            scopes=scopes,
            redirect_uri=return_address(),
            prompt="select_account" if errand.visible else "none",
            login_hint=errand.login_hint or None,
        )
    except (MicrosoftError, CredentialUnreadable):
        return Arrival(errand.back_to, SignInRefusal.OTHER)
    return Hop(trip.address, seal(replace(errand, flow=trip.flow)))


def first_stage(request: ConsentRequest) -> str:
    """Where a waiting user's own test begins: at the coverage of the first resource."""
    return _resources(request)[0][0]


def come_back(errand: Errand, query: Mapping[str, str]) -> Hop | Arrival:
    """Redeem what Microsoft sent, store it as evidence, and go on with the next hop or arrive.

    Raises login.ForeignReturn when `state` is not this errand's.
    """
    request = ConsentRequest.objects.select_related("app", "tenant").get(pk=errand.request_id)
    app = request.app
    try:
        signed_in = login.finish_sign_in(
            app.microsoft,
            request.tenant.tenant_id,
            credential(app.credential, app.client_id),
            errand.flow,
            query,
        )
    except login.ForeignReturn:
        raise
    except SignInRefused as refused:
        return _refused(request, errand, refused.kind, refused.code)
    except (MicrosoftError, CredentialUnreadable) as error:
        return _refused(request, errand, SignInRefusal.OTHER, getattr(error, "code", None))
    if errand.person and signed_in.object_id != errand.person:
        return _refused(request, errand, SignInRefusal.SEVERAL_ACCOUNTS, None)
    if errand.stage == IDENTITY:
        _store(
            request,
            errand,
            Evidence.Kind.IDENTITY,
            person=signed_in.object_id,
            roles=_listed(signed_in.roles),
        )
    covered = {*errand.covered, *(scope.as_row() for scope in signed_in.scopes)}
    if signed_in.roles is not None:
        errand = replace(errand, roles=tuple(sorted(signed_in.roles)))
    following = _next_stage(request, errand.stage)
    errand = replace(
        errand,
        stage=following or errand.stage,
        visible=False,
        person=signed_in.object_id,
        login_hint=signed_in.login_hint or errand.login_hint,
        covered=tuple(sorted(covered)) if errand.stage != IDENTITY else (),
        flow={},
    )
    if following:
        return begin(errand)
    return _covered(request, errand)


def _listed(roles: frozenset[str] | None) -> list[str] | None:
    return None if roles is None else sorted(roles)


def _next_stage(request: ConsentRequest, stage: str) -> str | None:
    stages = [IDENTITY, *(resource for resource, _group in _resources(request))]
    after = stages[stages.index(stage) + 1 :]
    return after[0] if after else None


@transaction.atomic
def _covered(request: ConsentRequest, errand: Errand) -> Arrival:
    wanted = {p for _resource, group in _resources(request) for p in group}
    got = set(map(Permission.of_row, errand.covered))
    said = "yes" if wanted <= got else SignInRefusal.NOT_COVERED.value
    _store(
        request,
        errand,
        Evidence.Kind.COVERAGE,
        said=said,
        person=errand.person,
        roles=None if errand.roles is None else list(errand.roles),
        permissions=list(errand.covered),
    )
    if errand.ticket_id and said == "yes":
        _own_ticket_ready(errand.ticket_id, request)
    watching.learnt(request)
    if said == "yes":
        return Arrival(errand.back_to, let_in=True)
    return Arrival(errand.back_to, SignInRefusal.NOT_COVERED)


def let_in_lately(request: ConsentRequest, at: datetime) -> bool:
    """Within the last quarter of an hour somebody's own sign-in, without a claim and for no
    ticket, covered the whole set.
    """
    tests = request.evidence.filter(
        kind=Evidence.Kind.COVERAGE, said="yes", attempt__isnull=True, ticket__isnull=True
    )
    return tests.filter(at__gt=at - FRESH).exists()


def _own_ticket_ready(ticket_id: int, request: ConsentRequest) -> None:
    """A user who gets in makes his own ticket ready; what it means for the tenant the worker
    decides.
    """
    ticket = Ticket.objects.get(pk=ticket_id)
    if ticket.waits:
        ticket.move(Ticket.State.READY, told_version=request.permission_version)
        events.record(
            Event.Kind.TICKET_READY,
            by=Actor.requester(ticket.contact),
            ticket=ticket,
            request=request,
        )


@transaction.atomic
def _refused(
    request: ConsentRequest, errand: Errand, kind: SignInRefusal, code: str | None
) -> Arrival:
    stage = Evidence.Kind.IDENTITY if errand.stage == IDENTITY else Evidence.Kind.COVERAGE
    _store(
        request, errand, stage, said=kind.value, person=errand.person, codes=[code] if code else []
    )
    if errand.attempt_id and kind in {SignInRefusal.LOGIN_REQUIRED, SignInRefusal.SEVERAL_ACCOUNTS}:
        ConsentAttempt.objects.filter(pk=errand.attempt_id).update(needs_sign_in=True)
    watching.learnt(request)
    return Arrival(errand.back_to, kind)


def _store(
    request: ConsentRequest,
    errand: Errand,
    kind: Evidence.Kind,
    *,
    said: str = "yes",
    **fields: object,
) -> None:
    attempt = (
        ConsentAttempt.objects.filter(pk=errand.attempt_id).first() if errand.attempt_id else None
    )
    record_evidence(
        request, kind=kind, said=said, attempt=attempt, ticket_id=errand.ticket_id, **fields
    )


def due_retry(attempt: ConsentAttempt, at: datetime) -> bool:
    """Claim the next silent try of the result page if it is due; at most five, at 5, 10, 20, 40 and
    80 s.
    """
    if (
        attempt.returned_at is None
        or attempt.proof_tries >= len(RETRY_AFTER)
        or attempt.needs_sign_in
    ):
        return False
    due = sum(at - attempt.returned_at >= wait for wait in RETRY_AFTER)
    if due <= attempt.proof_tries:
        return False
    rows = ConsentAttempt.objects.filter(pk=attempt.pk, proof_tries=attempt.proof_tries)
    return bool(rows.update(proof_tries=due))


def next_retry_in(attempt: ConsentAttempt | None, at: datetime) -> timedelta | None:
    """How long until the result page tries again; None when it will not."""
    if attempt is None or attempt.returned_at is None or attempt.needs_sign_in:
        return None
    waits = [attempt.returned_at + wait - at for wait in RETRY_AFTER[attempt.proof_tries :]]
    return max(waits[0], timedelta(seconds=1)) if waits else None


def errand_for(attempt: ConsentAttempt, back_to: str, *, visible: bool = False) -> Errand:
    """The errand of a fresh claim. One that is `visible` is the sign-in that was wanted, so it is
    wanted no more.
    """
    if visible:
        ConsentAttempt.objects.filter(pk=attempt.pk).update(needs_sign_in=False)
    return Errand(
        request_id=attempt.request_id, attempt_id=attempt.pk, back_to=back_to, visible=visible
    )
