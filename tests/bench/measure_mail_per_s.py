"""Mails a second of one worker: taken from the database, rendered, handed to a mail server over
kept connections, and marked as sent.
"""

from tests.bench.mailing import told


def measure(n: int = 10_000) -> dict[str, object]:
    """Everybody who waits for one tenant is told."""
    found, _server = told(n)
    notes = (
        f"good news to {n} people of one tenant, SQLite in a file, a mail server in a process of"
        f" its own; {found['cpu_ms']:.2f} ms of CPU a mail; queued in {found['queueing_s']:.1f} s"
    )
    return {
        "name": "mail_per_s",
        "value": round(found["marked"] / found["seconds"]),
        "unit": "mails/s",
        "n": n,
        "notes": notes,
    }
