"""Reads what a blocked person pasted and says who must act. Pure: no database, no network."""

from consent.diagnosis.advice import advice
from consent.diagnosis.catalogue import CodeEntry, all_entries, entry
from consent.diagnosis.diagnosis import Diagnosis, diagnose
from consent.diagnosis.kinds import Actor, Audience, Cause, Confidence, Seen
from consent.diagnosis.secrets import SecretKind, found_secrets, secrets_removed, without_secrets

__all__ = [
    "Actor",
    "Audience",
    "Cause",
    "CodeEntry",
    "Confidence",
    "Diagnosis",
    "SecretKind",
    "Seen",
    "advice",
    "all_entries",
    "diagnose",
    "entry",
    "found_secrets",
    "secrets_removed",
    "without_secrets",
]
