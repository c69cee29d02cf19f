"""How long it takes to claim 500 due watches of 100,000, on the slower of the two databases."""

from tests import services
from tests.bench.polling import figure, program, worker

DUE = 500


def measure(n: int = 100_000) -> dict[str, object]:
    """How long it takes to claim 500 due watches of 100,000, on the slower of the two databases.

    Raises services.Missing without PostgreSQL: SQLite alone would be another measurement.
    """
    services.find_postgres()
    plan = {"due": min(DUE, n), "scheduled": n}
    found = []
    with worker() as variables:
        found.append(program("tests.bench.claimer", plan, variables))
    with services.running(services.Postgres()) as server, worker() as variables:
        variables["DATABASE_URL"] = server.url
        found.append(program("tests.bench.claimer", plan, variables))
    slower = max(found, key=lambda one: one["ms"])
    each = ", ".join(f"{one['vendor']} {one['ms']:.1f} ms" for one in found)
    notes = f"{plan['due']} due, median of 15 claims: {each}"
    return figure("claim_ms_100k", round(slower["ms"], 1), "ms", n, notes)
