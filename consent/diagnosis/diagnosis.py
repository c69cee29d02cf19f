"""A diagnosis: what was pasted, read and judged."""

from dataclasses import dataclass, fields
from typing import Any

from django.utils.functional import Promise

from consent.diagnosis.advice import lazy_advice
from consent.diagnosis.identifiers import Kind
from consent.diagnosis.judge import judge
from consent.diagnosis.kinds import Actor, Audience, Cause, Confidence
from consent.diagnosis.reader import read


@dataclass(frozen=True)
class Diagnosis:
    """What is the matter, who must act, and what to do next.

    Identifiers are lower-case GUIDs, `timestamp` is ISO 8601 in UTC, None where the text has none.
    `advice` is the requester's, translated when it is shown. Two are no part of the JSON:
    `shows_wall` is that Microsoft's admin-approval page was pasted or picked, so that a tenant
    exists; `forces_consent` that the request asked for the consent page (prompt=consent).
    """

    codes: tuple[str, ...]
    primary_code: str | None
    cause: Cause
    actor: Actor
    approval_link_helps: bool
    app_id: str | None
    tenant_id: str | None
    resource_id: str | None
    correlation_id: str | None
    trace_id: str | None
    request_id: str | None
    timestamp: str | None
    confidence: Confidence
    advice: Promise
    evidence: tuple[str, ...]
    shows_wall: bool = False
    forces_consent: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON: the fields above in their order, the advice in the present language."""
        answer: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in {"shows_wall", "forces_consent"}:
                continue
            if isinstance(value, tuple):
                value = list(value)
            elif isinstance(value, str | Promise):
                value = str(value)
            answer[field.name] = value
        return answer


def diagnose(pasted: str, *, seen: str = "") -> Diagnosis:
    """Say what a pasted text means. Reads at most 256 kB, knows nothing but the text, never raises.

    `seen` is the picture that the person picked, a value of Seen, or empty.
    """
    reading = read(pasted)
    verdict = judge(reading, seen)
    code = verdict.primary_code
    return Diagnosis(
        codes=reading.codes,
        primary_code=code,
        cause=verdict.cause,
        actor=verdict.actor,
        approval_link_helps=verdict.approval_link_helps,
        app_id=reading.identifier(Kind.APP, near=code),
        tenant_id=reading.identifier(Kind.TENANT, near=code),
        resource_id=reading.identifier(Kind.RESOURCE, near=code),
        correlation_id=reading.identifier(Kind.CORRELATION, near=code),
        trace_id=reading.identifier(Kind.TRACE, near=code),
        request_id=reading.identifier(Kind.REQUEST, near=code),
        timestamp=reading.identifier(Kind.TIME, near=code),
        confidence=verdict.confidence,
        advice=lazy_advice(verdict.cause, code, Audience.REQUESTER),
        evidence=verdict.evidence,
        shows_wall=verdict.shows_wall,
        forces_consent=reading.forces_consent,
    )
