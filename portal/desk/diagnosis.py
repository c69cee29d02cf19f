"""A ticket's diagnosis with everything an agent wants to see of it."""

from typing import Any

from consent.diagnosis import Actor, Audience, Cause, Confidence, SecretKind, Seen, entry
from consent.diagnosis.advice import lazy_advice
from consent.models import Ticket

#: Kept facts that name something at Microsoft, in the order in which they are shown.
_IDENTIFIERS = ("app_id", "tenant_id", "resource_id", "correlation_id", "trace_id", "request_id")


def diagnosis_of(ticket: Ticket) -> dict[str, Any]:
    """Labels, codes with their rows, identifiers, and the advice for each audience; empty without a
    diagnosis.
    """
    kept = ticket.diagnosis
    if not kept.get("cause"):
        return {}
    cause, code, seen = Cause(kept["cause"]), kept["primary_code"], kept.get("seen", "")
    return {
        "cause": cause.label,
        "actor": Actor(kept["actor"]).label,
        "confidence": Confidence(kept["confidence"]).label,
        "link_helps": kept["approval_link_helps"],
        "evidence": kept["evidence"],
        "codes": [(each, entry(each), each == code) for each in kept["codes"]],
        "identifiers": [(name, kept[name]) for name in _IDENTIFIERS if kept[name]],
        "timestamp": kept["timestamp"],
        "seen": Seen(seen).label if seen in Seen else "",
        "secrets": [SecretKind(kind).label for kind in kept.get("secrets_removed", [])],
        "advice": [(each.label, lazy_advice(cause, code, each)) for each in Audience],
    }
