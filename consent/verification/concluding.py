"""Draws the conclusion from one look: the only place that moves a request to `granted`."""

from django.db import transaction
from django.utils import timezone

from consent import changes, events, requests
from consent.actors import WORKER
from consent.attempts import record_evidence
from consent.models import Check, ConsentRequest, Event, Evidence, Reach, Rung, Ticket, Watch
from consent.verification import telling
from consent.verification.aftercare import look_after
from consent.verification.claiming import ClaimedLook
from consent.verification.findings import Finding
from consent.verification.gathering import gather
from consent.verification.ladder import Known, Verdict, judge
from consent.verification.observing import observe
from consent.verification.scheduling import set_next_look
from consent.verification.settling import ENDED, LOOKED_AT_AFTERWARDS, check_of, settled, world_of
from tenants.microsoft.permissions import Permission
from tenants.models import Tenant

State, Change = ConsentRequest.State, Ticket.Change


@transaction.atomic
def conclude(claimed: ClaimedLook, finding: Finding) -> bool:
    """Write one look down, judge what it means, tell who waits, and set the time of the next look.

    A signal that came while the look was on its way brings another look. Returns False, and writes
    nothing, where the watch is gone or the lease has ended: who was slow for so long has an old
    finding in hand, and a newer one may be written down already.
    """
    found = Watch.objects.filter(pk=claimed.watch_id).first()
    if found is None:
        return False
    # One order of locks everywhere: tenant, request, watch, link, ticket.
    Tenant.objects.select_for_update(no_key=True).get(pk=found.tenant_id)
    concerned = _concerned(found)
    watch = Watch.objects.select_for_update().get(pk=claimed.watch_id)
    if claimed.is_late or watch.lease_until != claimed.lease_until:
        return False
    if finding.outcome:
        check_of(watch.pk, finding).save()
    # A first look always changes something.
    before = world_of(watch) if finding.is_telling and watch.last_look_at else None
    changed = finding.is_telling and observe(watch, finding)
    for request in concerned:
        if request.is_granted:
            look_after(watch, request, finding)
        else:
            changed |= _judge(request, finding)
    is_calm = not changed and watch.negatives == 0
    kept = settled(watch, finding, before) if is_calm else ""
    set_next_look(
        watch,
        finding,
        _concerned(watch),
        changed=changed,
        signals_seen=claimed.signals,
        kept=kept,
    )
    return True


def _concerned(watch: Watch) -> list[ConsentRequest]:
    """The granted request; and the open one, else the last closed one of these 90 days.

    In this order, since a grant of the open one supersedes the granted one.
    """
    locked = ConsentRequest.objects.select_for_update(of=("self",), no_key=True)
    rows = locked.select_related("app", "tenant")
    of_watch = rows.filter(tenant=watch.tenant_id, app=watch.app_id)
    opened = of_watch.filter(state__in=ConsentRequest.OPEN).first()
    granted = of_watch.filter(state=State.GRANTED).first()
    if opened is None and granted is None:
        since = timezone.now() - LOOKED_AT_AFTERWARDS
        opened = of_watch.filter(state__in=ENDED, closed_at__gt=since).order_by("-pk").first()
    return [request for request in (granted, opened) if request]


def _judge(request: ConsentRequest, finding: Finding) -> bool:
    """Move an unanswered request as far as the evidence goes; tells whether there is news.

    One that ended proves nothing of a newer set: its successor would ask for that.
    """
    if not request.is_open and request.permission_version != request.app.permission_version:
        return False
    was_rung, was_missing = request.rung, request.missing
    fields = _facts(request, finding)
    for name, value in fields.items():
        setattr(request, name, value)
    known = gather(request, finding, news=request.news_at is not None, at=finding.at)
    verdict = judge(known)
    if request.app.credential and not finding.is_telling:
        verdict = _as_before(request, verdict)
    if verdict.granted:
        _grant(request, verdict, known, fields)
        return True
    if not request.is_open:
        return False
    fields |= {
        "rung": verdict.rung,
        "looks_approved": verdict.looks_approved,
    }
    if finding.is_telling or not request.app.credential:
        fields["missing"] = sorted(permission.value for permission in verdict.missing)
    if known.claimed and request.state == State.ASKED:
        request.move(State.CLAIMED, claimed_at=finding.at, **fields)
        events.record(Event.Kind.REQUEST_CLAIMED, by=WORKER, request=request)
    else:
        ConsentRequest.objects.filter(pk=request.pk).update(**fields)
        request.refresh_from_db()
    if request.rung == Rung.INSTALLED and was_rung != Rung.INSTALLED:
        events.record(Event.Kind.REQUEST_INSTALLED, by=WORKER, request=request)
    telling.invite(request, at=finding.at)
    return request.rung != was_rung or request.missing != was_missing


def _facts(request: ConsentRequest, finding: Finding) -> dict[str, object]:
    """What this look adds to the request: absent at first, then there, is news; there at the first
    look says nothing.
    """
    fields: dict[str, object] = {}
    if not finding.is_telling:
        return fields
    if not finding.present:
        fields |= {"absent_at": finding.at, "news_at": None}
    elif request.absent_at and request.news_at is None:
        fields["news_at"] = finding.at
        if request.is_open:
            record_evidence(request, kind=Evidence.Kind.LOOK, said="present")
    disabled = finding.outcome == Check.Outcome.DISABLED
    fields["disabled_at"] = (request.disabled_at or finding.at) if disabled else None
    return fields


def _as_before(request: ConsentRequest, verdict: Verdict) -> Verdict:
    """A look that failed takes nothing away: keep what was known, and let a claim add to it."""
    rung = verdict.rung if request.rung == Rung.NONE else Rung(request.rung)
    return Verdict(rung, False, None, verdict.missing, request.looks_approved)


def _grant(
    request: ConsentRequest, verdict: Verdict, known: Known, fields: dict[str, object]
) -> None:
    if not request.is_open:
        request = requests.succeed(request, by=WORKER)
    older = ConsentRequest.objects.filter(
        tenant_id=request.tenant_id, app_id=request.app_id, state=State.GRANTED
    )
    for before in older:
        before.move(State.SUPERSEDED, closed_at=timezone.now())
        Ticket.objects.filter(request=before).update(request=request)
        events.record(Event.Kind.REQUEST_SUPERSEDED, by=WORKER, request=before)
    watches = Watch.objects.filter(tenant=request.tenant_id, app=request.app_id)
    watches.exclude(negatives=0).update(negatives=0, first_negative_at=None)
    assert verdict.reach
    request.move(
        State.GRANTED,
        **{
            **fields,
            "granted_at": timezone.now(),
            "rung": verdict.rung,
            "reach": verdict.reach,
            "missing": [],
            "looks_approved": False,
        },
    )
    seen = known.application or frozenset[Permission]()
    record_evidence(
        request,
        kind=Evidence.Kind.LOOK,
        said="granted",
        permissions=[
            one.as_row() for one in sorted(seen | (known.for_everyone or frozenset()), key=str)
        ],
    )
    events.record(Event.Kind.REQUEST_GRANTED, by=WORKER, request=request, detail=verdict.rung.value)
    telling.tell(request)
    telling.receipts(request)
    changes.over(request, Change.REVOKED, Change.NARROWED, Change.DISABLED, Change.DELETED)
    if request.reach == Reach.EVERYONE:
        changes.over(request, Change.ASSIGNMENT)
