"""The views of the queue stand on every page of the desk, with their counts."""

import re

from tenants.models import User
from tests.factories import TicketFactory


def rail(page: bytes) -> list[tuple[str, int]]:
    """Each view of a page's rail and its count; the current one has a star."""
    found = re.findall(
        r'\?view=(\w+)"( aria-current="page")?><span>[^<]+</span><span class="count">(\d+)',
        page.decode(),
    )
    return [(name + ("*" if current else ""), int(count)) for name, current, count in found]


def test_ticket_shows_the_counts_of_all_views(desk):
    agent = User.objects.get(email=desk.get("/desk/").context["user"].email)
    TicketFactory(state="open")
    TicketFactory(state="waiting", agent=agent)
    ticket = TicketFactory(state="waiting")
    TicketFactory(state="closed", agent=agent)
    counts = {"todo": 1, "mine": 1, "waiting": 2, "ready": 0, "unconfirmed": 0, "done": 1, "all": 4}

    assert rail(desk.get(f"/desk/tickets/{ticket.number}/").content) == list(counts.items())
    assert rail(desk.get("/desk/?view=waiting").content) == [
        (f"{name}*" if name == "waiting" else name, count) for name, count in counts.items()
    ]
