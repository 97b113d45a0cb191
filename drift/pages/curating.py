"""Links from a report to the form that asks for a curated set, which takes its fields from the address."""

from dataclasses import dataclass
from urllib.parse import urlencode

import orjson

from drift.models import DriftReport
from drift.pages import examples, report_page
from feedback.rollups.segments import EXPERIMENT
from feedback.stores.base import EventFilter

_COLUMNS = ("model_version_id", "prompt_version", EXPERIMENT)


@dataclass(frozen=True)
class Link:
    """Which events, and the query string of the form for them."""

    name: str
    query: str


def of_report(report: DriftReport) -> list[Link]:
    """The current window, and each segment of it in which something changed; nothing for a baseline."""
    where = examples.current_window(report)
    if where is None:
        return []
    segments = dict.fromkeys(metric["segment"] for metric in report_page.moved(report) if metric["segment"])
    window = Link("All events of the window", query_of(where))
    return [window, *(Link(segment.replace("=", " = ", 1), query_of(where, segment)) for segment in segments)]


def query_of(where: EventFilter, segment: str = "") -> str:
    """The query string for the events of a window, or of one segment of it, such as model_version_id=v2."""
    filled = {
        "deployment": where.deployment_id,
        "filters.from": where.occurred_from and where.occurred_from.isoformat(),
        "filters.to": where.occurred_to and where.occurred_to.isoformat(),
        "filters.model_version_id": where.model_version_id,
        "filters.prompt_version": where.prompt_version,
    }
    key, _, value = segment.partition("=")
    if key in _COLUMNS:
        filled[f"filters.{key}"] = value
    elif key:
        filled["filters.metadata"] = orjson.dumps({key: value}).decode()
    return urlencode({name: value for name, value in filled.items() if value})
