"""Logging of every process: one line of facts; errors without the row contents that the database quotes."""

import re
import traceback
from collections.abc import Iterator, MutableMapping
from types import TracebackType

import structlog

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
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "facts"}},
        "root": {"handlers": ["console"], "level": level},
    }


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
