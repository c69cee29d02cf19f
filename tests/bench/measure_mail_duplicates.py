"""Mails that came to the mail server more than once, by their Message-ID."""

from tests.bench.mailing import told


def measure(n: int = 10_000) -> dict[str, object]:
    """The same run that `mail_per_s` measures."""
    _found, server = told(n)
    if len(server.taken) < n:
        raise RuntimeError(f"{n - len(server.taken)} mails are missing")
    return {
        "name": "mail_duplicates",
        "value": server.duplicates,
        "unit": "mails",
        "n": n,
        "notes": f"{len(server.taken)} mails taken by the mail server, counted by Message-ID",
    }
