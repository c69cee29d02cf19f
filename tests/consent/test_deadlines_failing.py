"""One bad row or step stops only itself."""

import pytest

from consent import deadlines
from tests.factories import TicketFactory

pytestmark = pytest.mark.django_db


def test_sweep_goes_on_where_one_deadline_fails(monkeypatch, caplog):
    def broken():
        raise RuntimeError

    done = []
    monkeypatch.setattr(deadlines, "place_what_was_lost", broken)
    monkeypatch.setattr(deadlines, "prune", lambda: done.append("pruned"))

    deadlines.sweep()

    assert (done, [record.levelname for record in caplog.records]) == (["pruned"], ["ERROR"])


@pytest.mark.parametrize("state", ["closed", "solved"])
def test_ticket_that_left_before_it_was_placed_joins_nothing(state):
    ticket = TicketFactory(**{state: True}, request=None, tenant=None, placed_at=None)

    deadlines.place_what_was_lost()

    ticket.refresh_from_db()
    assert (ticket.placed_at, ticket.request, ticket.state) == (None, None, state)
