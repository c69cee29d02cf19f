"""Runs every measurement: each module `measure_*.py` here has a function `measure()`."""

import importlib
import json
import sys
from pathlib import Path

FIELDS = ("name", "value", "unit", "n", "notes")


def measurements() -> list[str]:
    """The modules to run, in order."""
    return sorted(path.stem for path in Path(__file__).parent.glob("measure_*.py"))


if __name__ == "__main__":
    for module in measurements():
        found = importlib.import_module(f"tests.bench.{module}").measure()
        sys.stdout.write(json.dumps({field: found[field] for field in FIELDS}) + "\n")
        sys.stdout.flush()
