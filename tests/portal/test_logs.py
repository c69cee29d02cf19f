"""What a stranger types reaches no log line raw, and no log tells a token."""

import logging
import time

import pytest
from django.test import Client

from consent import tokens
from portal.logs import MOST, MaskTokensFilter, masked
from tests.factories import ApprovalLinkFactory, TicketFactory, seeded_app


@pytest.fixture
def lines(caplog):
    """What the handler of the settings would write, a line a record."""

    def written():
        kept = []
        for record in caplog.records:
            copy = logging.makeLogRecord(record.__dict__)
            assert MaskTokensFilter().filter(copy)
            kept.append(logging.Formatter("{levelname} {message}", style="{").format(copy))
        return kept

    caplog.set_level(logging.DEBUG, logger="django.request")
    caplog.set_level(logging.DEBUG, logger="django.security")
    return written


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("GET /a/abc.1.xyz/ 200", "GET /a/…/ 200"),
        ("GET /a/abc.1.xyz/result/?said=later", "GET /a/…/result/?said=later"),
        ("/t/abc.1.xyz/status.json", "/t/…/status.json"),
        ("'/stop/7.1.xyz'", "'/stop/…'"),
        ("http://localhost:8000/a/abc.1.xyz", "http://localhost:8000/a/…"),
        ("/desk/tickets/C-1042/", "/desk/tickets/C-1042/"),
        ("/static/a.css and /start/", "/static/a.css and /start/"),
        ("to ana.b+c@contoso.example.", "to …@…."),
        ("<o'brien@x.example>, b@y.co.example", "<o'…@…>, …@…"),
        (f"{'a' * 200}@x.example left", "…@… left"),
        ("ana@localhost and a@@b.example", "ana@localhost and a@@b.example"),
    ],
)
def test_masked(text, told):
    assert masked(text) == told


def test_filter_masks_arguments_and_folds_line_breaks():
    told = ("/a/abc.1.x/", "\r\nERROR root: all gone")
    record = logging.LogRecord("x", logging.WARNING, "", 1, "no %s\nfor %s", told, None)

    assert MaskTokensFilter().filter(record)

    assert record.getMessage() == "no /a/…/\\nfor \\r\\nERROR root: all gone"


@pytest.mark.parametrize(
    "endless",
    ["a" * 200_000, "a.b+" * 50_000, "a@" * 100_000, "a@" + "b" * 200_000, "@a." * 70_000],
)
def test_masking_takes_no_longer_than_the_text_is_long(endless):
    began = time.perf_counter()
    masked(endless)

    assert time.perf_counter() - began < 1


def test_endless_message_is_cut_and_no_half_of_an_address_is_left():
    text = "x" * (MOST - 4) + " ana@contoso.example " + "y" * 200_000
    record = logging.LogRecord("x", logging.WARNING, "", 1, text, None, None)

    assert MaskTokensFilter().filter(record)

    assert record.getMessage() == "x" * (MOST - 4) + " …@…"


def test_origin_of_a_stranger_costs_no_time_and_no_endless_line(lines, db):
    browser = Client(enforce_csrf_checks=True)

    began = time.perf_counter()
    browser.post("/start/", headers={"Origin": "https://" + "a" * 8000})
    (line,) = lines()

    assert time.perf_counter() - began < 2
    assert len(line) < MOST + 20


def test_settings_put_the_filter_before_every_line(settings):
    assert {tuple(handler["filters"]) for handler in settings.LOGGING["handlers"].values()} == {
        ("mask",)
    }
    assert settings.LOGGING["filters"]["mask"]["()"] == "portal.logs.MaskTokensFilter"


def test_refused_requests_log_no_token(client, lines, db):
    link = ApprovalLinkFactory(from_ticket=TicketFactory())
    at_a, at_t = tokens.approval_token(link), tokens.ticket_token(link.from_ticket)

    client.get(f"/a/{at_a}/continue/")
    client.post(f"/t/{at_t}/status.json")
    client.get(f"/a/{at_a}x/")

    written = lines()
    assert len(written) == 3
    assert [line for line in written if at_a in line or at_t in line] == []


@pytest.mark.parametrize("forged", ["%0aERROR root: all gone", "%0d%0aERROR", "%1b[31mERROR"])
def test_line_break_in_an_address_makes_no_line_of_its_own(client, lines, db, forged):
    client.get(f"/no-such-page/{forged}")
    client.get(f"/a/{forged}/")

    written = lines()
    assert written
    assert [line for line in written if "\n" in line or "\r" in line or "\x1b" in line] == []


def test_what_a_stranger_types_is_not_logged(client, caplog, db):
    seeded_app("acme-calendar")
    secret = "hush\nERROR root: all gone"
    caplog.set_level(logging.DEBUG)

    client.post(
        "/ask/",
        {
            "email": "a@x.example",
            "app": "acme-calendar",
            "name": secret,
            "note": secret,
            "pasted": secret,
        },
    )
    client.post("/ask/", {"email": secret, "app": secret, "name": secret})
    client.get("/consent/return/", {"state": secret, "error": secret, "error_description": secret})

    assert [
        record
        for record in caplog.records
        if "hush" in record.getMessage() and not record.name.startswith("django.db")
    ] == []
