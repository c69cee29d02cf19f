"""How long hypothesis tries: the same few examples each time, or with THOROUGH=1 many new ones."""

import os

from hypothesis import HealthCheck, Phase
from hypothesis import settings as Limits

#: Set for the long run, in which no two runs are the same.
IS_THOROUGH = os.environ.get("THOROUGH") == "1"
#: More than one such test may take.
SECONDS = 900 if IS_THOROUGH else 300
_TIMES = 10


def limits(*, examples, steps):
    """Hypothesis's settings for a state machine: so many examples and steps, or far more."""
    return Limits(
        max_examples=examples * _TIMES if IS_THOROUGH else examples,
        stateful_step_count=steps,
        # Shrinking takes minutes; the steps that broke a promise are printed as they are.
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
