"""The request of a set in words: filters, parameters and shares as they were asked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from curation.choices import Split, Strategy
from curation.models import CuratedSet

FILTERS = {
    "from": "From",
    "to": "Before",
    "model_version_id": "Model version",
    "prompt_version": "Prompt version",
    "experiment": "Experiment",
    "tags": "Tags, all of",
    "metadata": "Metadata",
    "min_quality": "Checks, at least",
    "checks": "Checks not failed",
    "min_p_good": "p_good, at least",
    "max_p_good": "p_good, at most",
    "min_users": "Users with evidence, at least",
    "event_ids": "Events by id",
    "q": "Words",
}


def of_request(curated_set: CuratedSet) -> list[tuple[str, str]]:
    """Names and values of what the request said beyond strategies, limit and seed."""
    said = [(FILTERS[name], _filter(name, value)) for name, value in curated_set.filters.items()]
    if curated_set.only_new:
        said.append(("Only new", "events that no published export holds, in an example or a pair"))
    if curated_set.shares:
        said.append(("Shares", _shares({Strategy(name).label: n for name, n in curated_set.shares.items()})))
    if curated_set.segments:
        key, shares = curated_set.segments["key"], curated_set.segments["shares"]
        said.append((f"Shares by {key}", _shares(shares)))
    if curated_set.splits:
        said.append(("Held out, share of groups", _shares(_in_order(curated_set.splits))))
    for name, values in curated_set.parameters.items():
        said.append((Strategy(name).label, ", ".join(f"{key} {value:g}" for key, value in values.items())))
    return said


def influence(found: Mapping[str, int]) -> str:
    """The largest influence of one person; nothing for a set that knows none."""
    if not found or not found.get("of"):
        return ""
    rows, of, people = found["rows"], found["of"], found["people"]
    if not rows:
        largest = "No example rests on one person."
    else:
        largest = f"Largest influence of one person: {rows:,} of {of:,} example{'' if of == 1 else 's'}."
    return f"{largest} {people:,} {'person contributes' if people == 1 else 'people contribute'}."


def _filter(name: str, value: Any) -> str:
    if name in ("from", "to"):
        return f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M} UTC"
    if name == "event_ids":
        return f"{len(value):,}"
    if name == "metadata":
        return ", ".join(f"{key} = {each if isinstance(each, str) else _json(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _in_order(splits: Mapping[str, float]) -> dict[str, float]:
    """The database keeps no order of keys."""
    return {name: splits[name] for name in Split.values if name in splits}


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _shares(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
