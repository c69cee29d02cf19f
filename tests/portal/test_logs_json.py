"""Log lines as JSON: IDs to find them by, nobody's address, and who rang for a task."""

import io
import json
import logging
import logging.config
import re

import pytest
from celery.app.task import Context
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse

from portal import logs
from portal.celery import app, forget_task, name_task
from portal.middleware import NameRequest
from tenants.tracing import about


@pytest.fixture
def written():
    """A logger with the handler of the settings; gives back what it wrote, line by line."""
    settings = logs.logging_to_console("json", "INFO")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(logs.MaskTokensFilter())
    handler.setFormatter(logs.JsonFormatter())
    assert settings["formatters"]["json"] == {"()": "portal.logs.JsonFormatter"}
    logger = logging.getLogger("a.room")
    logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)


logger = logging.getLogger("a.room")


def test_line_says_what_is_known_and_nothing_else(written):
    logger.warning("no %s for ana@contoso.example at /a/abc.1.x/\nERROR", "mail")

    (line,) = written()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    assert line == {
        "level": "WARNING",
        "logger": "a.room",
        "message": "no mail for …@… at /a/…/\\nERROR",
    }


def test_line_carries_the_ids_that_belong_to_it(written):
    token = logs.request_id.set("a-request")
    with about("a-tenant"):
        logger.error("refused", extra={"correlation_id": "a-correlation", "app": "acme-calendar"})
    logs.request_id.reset(token)
    logger.error("nothing of that", extra={"correlation_id": None})

    first, second = written()
    assert {
        name: first.get(name) for name in ("request_id", "tenant_id", "correlation_id", "app")
    } == {
        "request_id": "a-request",
        "tenant_id": "a-tenant",
        "correlation_id": "a-correlation",
        "app": "acme-calendar",
    }
    assert set(second) == {"time", "level", "logger", "message"}


def test_traceback_is_masked(written):
    try:
        raise ValueError("(email)=(ana@contoso.example) at /t/abc.1.x/")
    except ValueError:
        logger.exception("failed")

    (line,) = written()
    assert "ValueError: (email)=(…@…) at /t/…/" in line["exception"]


def test_form_that_is_none_is_refused():
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT must be plain or json, not 'xml'"):
        logs.logging_to_console("xml", "INFO")


@pytest.mark.parametrize("form", ["plain", "json"])
def test_both_forms_are_what_logging_understands(form):
    told = logs.logging_to_console(form, "INFO")
    made = logging.config.DictConfigurator(told)

    assert isinstance(made.configure_formatter(told["formatters"][form]), logs.MaskingFormatter)


@pytest.fixture
def name_of(rf):
    """The name that a request has while it is answered."""

    def answered(given):
        headers = {"X-Request-ID": given} if given else {}
        answer = NameRequest(lambda _request: HttpResponse(logs.request_id.get()))(
            rf.get("/", headers=headers)
        )
        assert (logs.request_id.get(), "X-Request-ID" in answer) == ("", False)
        return answer.content.decode()

    return answered


@pytest.mark.parametrize("given", ["abc-DEF-0123456789", "12345678"])
def test_request_keeps_the_name_that_a_proxy_gave(name_of, given):
    assert name_of(given) == given


@pytest.mark.parametrize("given", ["", "short", "a" * 65, "with space 123", "line\\nbreak-1234"])
def test_request_gets_a_name_of_ours(name_of, given):
    assert re.fullmatch("[0-9a-f]{16}", name_of(given))


def test_every_request_goes_through_it(settings):
    assert settings.MIDDLEWARE[0] == "portal.middleware.NameRequest"


def test_task_carries_the_name_of_the_request_that_rang_for_it():
    token = logs.request_id.set("a-request")
    # A broker of its own, so that nothing is left in Celery's pool.
    with app.connection_for_write(url="memory://") as broker:
        app.tasks["consent.look"].apply_async((404,), queue="named", connection=broker)
        message = broker.channel()._get("named")
    logs.request_id.reset(token)

    assert message["headers"]["portal_request_id"] == "a-request"


class Told:
    """A task as Celery hands it to its signals."""

    name = "consent.look"

    def __init__(self, *, is_eager=False, **headers):
        self.request = Context(is_eager=is_eager, **headers)


@pytest.mark.parametrize(
    ("headers", "name"), [({"portal_request_id": "a-request"}, "a-request"), ({}, "[0-9a-f]{16}")]
)
def test_lines_of_a_task_carry_its_name_and_the_request(written, headers, name):
    task = Told(**headers)
    name_task(task)
    logger.warning("at work")
    forget_task(task)
    logger.warning("free again")

    first, second = written()
    assert (first["task"], bool(re.fullmatch(name, first["request_id"]))) == ("consent.look", True)
    assert {"task", "request_id"} & set(second) == set()


def test_task_that_runs_within_a_request_keeps_its_name():
    token = logs.request_id.set("a-request")
    name_task(Told(is_eager=True))
    forget_task(Told(is_eager=True))

    assert (logs.request_id.get(), logs.task_name.get()) == ("a-request", "")
    logs.request_id.reset(token)
