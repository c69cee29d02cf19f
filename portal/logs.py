"""What a log line looks like: for people or as JSON, with the IDs by which lines are found, and
without tokens and addresses of people.
"""

import json
import logging
import re
import secrets
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured

from tenants.tracing import tenant_id

#: The request that is being answered, or the one that rang for the task at work; else empty.
request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")
#: The name of the task at work, else empty.
task_name: Final[ContextVar[str]] = ContextVar("task_name", default="")
TOKEN: Final = re.compile(r"(/(?:a|t|stop)/)[^/\s?\"']+")
#: It begins where a word begins, and gives back nothing that it took: strangers choose what is
#: logged of their requests, and each further try would cost the square of its length.
_ADDRESS: Final = re.compile(r"(?<![\w.+%-])[\w.+%-]++@(?=[\w-]++\.)[\w.-]+\w")
#: Characters that a message may have; of a traceback as many are kept from its end.
MOST: Final = 10_000
#: What a line may say beyond its message, where the code that logs knows it.
_EXTRA: Final = ("correlation_id", "app", "alarm")


def new_name() -> str:
    """A name for a request that brought none."""
    return secrets.token_hex(8)


def masked(text: str) -> str:
    """The text with the tokens of our addresses, and people's mail addresses, replaced."""
    return _ADDRESS.sub("…@…", TOKEN.sub(r"\1…", text))


class MaskTokensFilter(logging.Filter):
    """Masks whatever is logged, arguments included, folds line breaks that a stranger may have
    typed, and cuts what is endless.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; always lets it through."""
        # Cut afterwards: half an address would not be known for one.
        text = masked(record.getMessage())[:MOST]
        record.msg = text.replace("\r", "\\r").replace("\n", "\\n")
        record.args = ()
        return True


class MaskingFormatter(logging.Formatter):
    """Masks tracebacks, too."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 -- logging's name
        """The traceback without tokens and addresses."""
        return masked(super().formatException(ei))[-MOST:]


class JsonFormatter(MaskingFormatter):
    """One JSON object a line; what is not known is left out."""

    def format(self, record: logging.LogRecord) -> str:
        """Time in UTC, level, logger, message, then IDs, then a traceback."""
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            "task": task_name.get(),
            "tenant_id": tenant_id.get(),
            **{name: getattr(record, name, "") for name in _EXTRA},
            "exception": self.formatException(record.exc_info) if record.exc_info else "",
        }
        return json.dumps({name: value for name, value in told.items() if value}, default=str)


def logging_to_console(form: str, level: str) -> dict[str, Any]:
    """The LOGGING setting. `form` is `plain` or `json`; raises ImproperlyConfigured for others."""
    formatters: dict[str, dict[str, str]] = {
        "plain": {
            "()": "portal.logs.MaskingFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        },
        "json": {"()": "portal.logs.JsonFormatter"},
    }
    if form not in formatters:
        raise ImproperlyConfigured(f"LOG_FORMAT must be plain or json, not {form!r}.")
    console = {"class": "logging.StreamHandler", "filters": ["mask"], "formatter": form}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"mask": {"()": "portal.logs.MaskTokensFilter"}},
        "formatters": formatters,
        "handlers": {"console": console},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {name: {"level": "WARNING"} for name in ("django", "celery", "msal")},
    }
