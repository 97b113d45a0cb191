"""Logging of every process: one line of facts; errors without the row contents that the database quotes."""

import logging
import re
import traceback
from collections.abc import Iterator, MutableMapping
from types import TracebackType

import structlog

METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None]

# Sections that PostgreSQL adds to its message; in the repr of an error, the line break is escaped.
_QUOTES = re.compile(r"(?:\n|\\n)(?:DETAIL|HINT|QUERY|CONTEXT|LINE \d+): .*", re.DOTALL)


def to_console(level: str) -> dict:
    """The LOGGING of Django: lines of the standard library look like those of structlog."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "facts": {
                "()": "structlog.stdlib.ProcessorFormatter",
                "processor": structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
                "foreign_pre_chain": [*_stamped(), without_quotes, _errors()],
            }
        },
        "filters": {"request": {"()": OfRequest}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "facts", "filters": ["request"]}},
        # It logs each request to an endpoint, with its address.
        "loggers": {"httpx2": {"level": "WARNING"}},
        "root": {"handlers": ["console"], "level": level},
    }


class OfRequest(logging.Filter):
    """Django's lines about a request, without what the client wrote: its path, host, query and the message of an error.

    A rejected request has one line, and no traceback.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is None or not record.name.startswith(("django.request", "django.security")):
            return True
        if getattr(request, "is_logged", False):
            return False
        request.is_logged = True
        status = getattr(record, "status_code", 0)
        kind = record.name.removeprefix("django.").replace("request", "")
        route = getattr(getattr(request, "resolver_match", None), "route", None)
        method = request.method if request.method in METHODS else "(other)"
        record.msg = " ".join(filter(None, [str(status), method, f"/{route}" if route else "(no route)", kind]))
        record.args = ()
        if status < 500:
            record.exc_info = record.exc_text = None
        return True


def configure_structlog() -> None:
    structlog.configure(
        processors=[*_stamped(), _errors(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _stamped():
    return [structlog.stdlib.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True)]


def _errors():
    return structlog.processors.ExceptionRenderer(render_error)


def without_quotes(_logger, _method: str, facts: MutableMapping) -> MutableMapping:
    """A structlog processor that removes the database's quotes of rows from log lines."""
    if isinstance(facts.get("event"), str):
        facts["event"] = _QUOTES.sub("", facts["event"])
    return facts


def render_error(info: ErrorInfo) -> str:
    """The tracebacks and messages of an error and its causes, root cause first."""
    return "\n".join(reversed([_render(error) for error in _chain(info[1])]))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _render(error: BaseException) -> str:
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{frames}{type(error).__module__}.{type(error).__qualname__}: {_QUOTES.sub('', str(error))}"
