"""After the grant: one look at an approved request, and what has changed since the last one."""

from typing import Final

from django.conf import settings

from consent import changes, events
from consent.actors import WORKER
from consent.models import Check, ConsentRequest, Event, Grant, Reach, Rung, Ticket, Watch
from consent.verification import telling
from consent.verification.findings import Finding
from consent.verification.gathering import gather
from consent.verification.ladder import judge
from tenants.microsoft.permissions import Permission

State, Change = ConsentRequest.State, Ticket.Change
REVOKED_AFTER_LOOKS: Final = 3


def look_after(watch: Watch, request: ConsentRequest, finding: Finding) -> None:
    """A granted request: tell newcomers, notice that it was switched off, narrowed or withdrawn."""
    if request.app.credential and not finding.is_telling:
        changes.mind_the_tenant(watch, request, finding.code)
        return
    if finding.outcome:
        changes.over(request, Change.DELETED)
    if _is_gone(request, finding):
        first = watch.first_negative_at or finding.at
        watch.negatives, watch.first_negative_at = watch.negatives + 1, first
        Watch.objects.filter(pk=watch.pk).update(negatives=watch.negatives, first_negative_at=first)
        if watch.negatives >= REVOKED_AFTER_LOOKS and finding.at - first >= settings.REVOKED_AFTER:
            Watch.objects.filter(pk=watch.pk).update(negatives=0, first_negative_at=None)
            _revoke(request, finding)
        return
    Watch.objects.filter(pk=watch.pk).exclude(negatives=0).update(
        negatives=0, first_negative_at=None
    )
    watch.negatives = 0
    fields = _changed(request, finding)
    due = telling.second_look_due_at(request)
    if due and finding.at >= due and (finding.present or not request.app.credential):
        fields["confirmed_again_at"] = finding.at
    ConsentRequest.objects.filter(pk=request.pk).update(**fields)
    request.refresh_from_db()
    telling.tell(request)


def _changed(request: ConsentRequest, finding: Finding) -> dict[str, object]:
    """Whether it is switched off, and for whom it works now; an agent hears of what is new."""
    off = finding.outcome == Check.Outcome.DISABLED
    fields: dict[str, object] = {
        "disabled_at": (request.disabled_at or finding.at) if off else None
    }
    if off and not request.disabled_at:
        changes.found(request, Change.DISABLED, code=finding.code)
    if not off and request.disabled_at:
        changes.over(request, Change.DISABLED)
        telling.tell_held_back(request)
    if finding.present:
        if finding.assignment_required and request.reach == Reach.EVERYONE:
            fields["reach"] = Reach.ASSIGNED
            changes.found(request, Change.ASSIGNMENT)
        elif not finding.assignment_required and request.reach == Reach.ASSIGNED:
            fields["reach"] = Reach.EVERYONE
            changes.over(request, Change.ASSIGNMENT)
    return fields


def _revoke(request: ConsentRequest, finding: Finding) -> None:
    """The approval is gone, or a part of it: whoever waits or was told to try is with us again."""
    known = gather(request, finding, news=False, at=finding.at)
    seen_missing = judge(known).missing if finding.present else frozenset[Permission]()
    # Where nothing is seen to be missing, what proved the whole is gone.
    missing = seen_missing or known.required
    request.move(
        State.REVOKED,
        closed_at=finding.at,
        rung=Rung.NONE,
        missing=sorted(permission.value for permission in missing),
    )
    events.record(Event.Kind.REQUEST_REVOKED, by=WORKER, request=request)
    told = [Ticket.State.WAITING, Ticket.State.READY]
    for ticket in request.tickets.filter(state__in=told):
        ticket.move(Ticket.State.OPEN)
    # They hear of the next approval, and so does whoever came back to us meanwhile.
    request.tickets.filter(state__in=Ticket.ACTIVE).update(told_version=0)
    change = Change.NARROWED if missing < known.required else Change.REVOKED
    changes.found(request, change, missing=missing)


def _is_gone(request: ConsentRequest, finding: Finding) -> bool:
    if not request.app.credential:
        return False
    if finding.outcome == Check.Outcome.ABSENT:
        return True
    if not finding.present:
        return False
    known = gather(request, finding, news=False, at=finding.at)
    is_unproved = known.witnessed is False and _was_witnessed(request)
    return is_unproved or bool(judge(known).missing)


def _was_witnessed(request: ConsentRequest) -> bool:
    """The witness was seen since this request began, whatever proved it first."""
    witness = request.app.witness(request.permission_version)
    assert witness, "what was seen to be missing is named"
    seen = Grant.objects.filter(
        tenant=request.tenant_id,
        app=request.app_id,
        resource_client_id=witness.resource_client_id,
        kind=witness.kind.value,
        value__iexact=witness.value,
    )
    return seen.filter(last_seen_at__gte=request.created_at).exists()
