"""Runs every measurement: each module `measure_*.py` here has a function `measure()`. Ends with 1
where one misses its limit or cannot be made, and says which on standard error.
"""

import importlib
import json
import sys
from pathlib import Path

from tests.services import Missing

FIELDS = ("name", "value", "unit", "n", "notes")
AT_MOST = {
    "poll_cold_calls": 2,
    "poll_warm_calls": 1,
    "poll_pending_calls": 1,
    "poll_cpu_ms_warm": 0.8,
    "poll_cpu_ms_pending": 3,
    "poll_pss_mb_100k": 250,
    "claim_ms_100k": 50,
    "unannounced_opened_p95_min": 15,
    "unannounced_other_p95_min": 60,
    "calls_per_request_day": 40,
    "announced_p95_s": 6,
    "grant_to_mail_p95_s": 5,
    "mail_duplicates": 0,
}
AT_LEAST = {"poll_per_s_100ms": 500, "mail_per_s": 500}


def measurements() -> list[str]:
    """The modules to run, in order."""
    return sorted(path.stem for path in Path(__file__).parent.glob("measure_*.py"))


def missed(name: str, value: float) -> str:
    """What is wrong with that value; empty where nothing is, or nothing is promised."""
    if value > AT_MOST.get(name, value):
        return f"{name}: {value} is more than {AT_MOST[name]}"
    if value < AT_LEAST.get(name, value):
        return f"{name}: {value} is less than {AT_LEAST[name]}"
    return ""


def tell(module: str) -> str:
    """Run that one and print it; returns what is wrong with it, as `missed` does."""
    try:
        found = importlib.import_module(f"tests.bench.{module}").measure()
    except Missing as reason:
        return f"{module.removeprefix('measure_')}: {reason}"
    sys.stdout.write(json.dumps({field: found[field] for field in FIELDS}) + "\n")
    sys.stdout.flush()
    return missed(found["name"], found["value"])


if __name__ == "__main__":
    wrong = [words for module in measurements() if (words := tell(module))]
    sys.stderr.write("".join(f"{line}\n" for line in wrong))
    sys.exit(1 if wrong else 0)
