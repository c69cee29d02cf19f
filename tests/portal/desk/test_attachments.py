"""Screenshots at the desk: for agents alone, and nothing in them runs."""

import pytest

from tests.factories import AttachmentFactory
from tests.pictures import png


@pytest.fixture
def shown(ticket):
    """What Ana showed."""
    return AttachmentFactory(ticket=ticket, content=png(), size=len(png()))


def address(shown):
    return f"/desk/attachments/{shown.public_id}/"


def test_screenshot_is_served_as_a_file_that_runs_nowhere(desk, shown):
    answer = desk.get(address(shown))

    assert (answer.status_code, answer.content) == (200, png())
    headers = {name: answer[name] for name in ("Content-Type", "Content-Disposition")}
    assert headers == {
        "Content-Type": "image/png",
        "Content-Disposition": (
            f'attachment; filename="{shown.ticket.number}-{shown.public_id}.png"'
        ),
    }
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    policy = [part.strip() for part in answer["Content-Security-Policy"].split(";")]
    assert {"sandbox", "default-src 'none'"} <= set(policy)


def test_screenshot_is_nobody_elses(client, shown):
    answer = client.get(address(shown))

    assert (answer.status_code, "login" in answer.url) == (302, True)


def test_screenshot_that_is_not_there(desk):
    assert desk.get("/desk/attachments/nothing/").status_code == 404


def test_ticket_shows_its_screenshots_and_reads_none_of_them(desk, shown):
    page = desk.get(f"/desk/tickets/{shown.ticket.number}/")

    assert f'<img src="{address(shown)}"' in page.content.decode()
    assert [row.get_deferred_fields() for row in page.context["pictures"]] == [{"content"}]
