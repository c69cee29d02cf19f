"""The next step in words, for each cause and each reader; where a code changes the step, for it.

The catalogue's words are lazy: they are translated when they are shown.
"""

from typing import TYPE_CHECKING

from django.utils.functional import Promise

from consent.diagnosis.advice import administrator, agent, developer, overrides, requester
from consent.diagnosis.kinds import Audience, Cause

if TYPE_CHECKING:
    from consent.diagnosis.diagnosis import Diagnosis

_BY_AUDIENCE: dict[Audience, dict[Cause, Promise]] = {
    Audience.REQUESTER: requester.ADVICE,
    Audience.ADMINISTRATOR: administrator.ADVICE,
    Audience.AGENT: agent.ADVICE,
    Audience.DEVELOPER: developer.ADVICE,
}


def lazy_advice(cause: Cause, code: str | None, audience: Audience) -> Promise:
    """One paragraph for this reader, translated when it is shown."""
    special = overrides.ADVICE.get((cause, code or ""), {})
    return special.get(audience, _BY_AUDIENCE[audience][cause])


def advice(about: "Diagnosis | Cause", audience: Audience) -> str:
    """One paragraph in the present language. Of a diagnosis its code counts too."""
    if isinstance(about, Cause):
        return str(lazy_advice(about, None, audience))
    return str(lazy_advice(about.cause, about.primary_code, audience))
