"""Reads the events of the arms of a comparison: who they are from, what was asked, and their numbers."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import xxhash

from drift.bench.samples import UNKNOWN
from drift.models import Baseline
from drift.reading import contents
from drift.windows.arms import Arm, InvalidArm
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging

# The newest events of each arm; an arm by experiment or segment is looked for among so many.
MOST_EVENTS, MOST_SCANNED = 100_000, 500_000
_ALWAYS = ("id", "user_hash", "prompt", "messages", "content_dropped", "occurred_at")
_NAMES = ("model_version_id", "prompt_version", "experiment")
_LONGEST_NAME = 100


@dataclass
class ArmEvents:
    """Events of one arm, newest first.

    users and prompts: numbers that are the same in all arms. numbers: by column, NaN without one. metadata: of each
    event, as JSON text. names: of each event, by segment key; "" without one.
    """

    ids: list[str] = field(default_factory=list)
    users: list[int] = field(default_factory=list)
    prompts: list[int] = field(default_factory=list)
    numbers: dict[str, list[float]] = field(default_factory=dict)
    metadata: list[dict] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)
    first_at: datetime | None = None
    last_at: datetime | None = None
    is_cut: bool = False

    @property
    def n(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Columns:
    """What is read of each event. numbers: columns of the event; keys: metadata keys; split_by: segment keys."""

    numbers: Sequence[str]
    keys: Sequence[str]
    split_by: Sequence[str]

    def names(self, arm: Arm) -> list[str]:
        wanted = {*_ALWAYS, *self.numbers, *(name for name in _NAMES if name in self.split_by)}
        if arm.experiment is not None:
            wanted.add("experiment")
        if self.keys or arm.segment is not None or any(name not in _NAMES for name in self.split_by):
            wanted.add("metadata")
        return sorted(wanted)


class _Numbering(dict[str, int]):
    def of(self, text: str | None) -> int:
        return UNKNOWN if not text else self.setdefault(text, len(self))


def read(deployment_id: str, arms: Sequence[Arm], columns: Columns) -> list[ArmEvents]:
    """The events of each arm, up to MOST_EVENTS. Raises InvalidArm for a baseline that does not exist."""
    users, prompts = _Numbering(), _Numbering()
    return [_read(deployment_id, arm, columns, users, prompts) for arm in arms]


def _read(deployment_id: str, arm: Arm, columns: Columns, users: _Numbering, prompts: _Numbering) -> ArmEvents:
    most = min(arm.last_events or MOST_EVENTS, MOST_EVENTS)
    found = ArmEvents(numbers={name: [] for name in columns.numbers}, names={key: [] for key in columns.split_by})
    skip, scanned = (arm.skip if arm.is_filtered else 0), 0
    for row in _rows(deployment_id, arm, columns, most):
        scanned += 1
        metadata = json.loads(row["metadata"] or "{}") if "metadata" in row else {}
        if not _belongs(arm, row, metadata):
            continue
        if skip:
            skip -= 1
            continue
        if found.n == most:
            found.is_cut = arm.last_events is None or arm.last_events > MOST_EVENTS
            break
        _append(found, row, metadata, columns, users, prompts)
    found.is_cut = found.is_cut or scanned >= MOST_SCANNED
    return found


def _rows(deployment_id: str, arm: Arm, columns: Columns, most: int) -> Iterator[dict]:
    # One more than is kept tells whether there are more.
    paging = Paging(limit=MOST_SCANNED) if arm.is_filtered else Paging(limit=most + 1, skip=arm.skip)
    reader = event_store().scan(_where(deployment_id, arm), columns.names(arm), paging)
    for batch in reader:
        yield from batch.to_pylist()


def _where(deployment_id: str, arm: Arm) -> EventFilter:
    if arm.baseline is None:
        return EventFilter(
            deployment_id=deployment_id,
            model_version_id=arm.model_version_id,
            prompt_version=arm.prompt_version,
            occurred_from=arm.start_at,
            occurred_to=arm.end_at,
        )
    baseline = Baseline.objects.of_deployment(deployment_id).named(arm.baseline).newest_version()
    if baseline is None:
        raise InvalidArm("baseline", f"No baseline named {arm.baseline}.")
    start, end = baseline.span
    hours = contents.hours_of(deployment_id, baseline.resolved_window)
    return EventFilter(
        deployment_id=deployment_id,
        model_version_id=hours and hours.model_version_id,
        prompt_version=hours and hours.prompt_version,
        occurred_from=start,
        occurred_to=end,
    )


def _belongs(arm: Arm, row: dict, metadata: dict) -> bool:
    if arm.experiment is not None and row["experiment"] != arm.experiment:
        return False
    if arm.segment is None:
        return True
    key, _, value = arm.segment.partition("=")
    return key in metadata and name_of(metadata[key]) == value


def _append(
    found: ArmEvents, row: dict, metadata: dict, columns: Columns, users: _Numbering, prompts: _Numbering
) -> None:
    found.ids.append(row["id"])
    found.users.append(users.of(row["user_hash"]))
    found.prompts.append(prompts.of(_digest(row)))
    found.last_at, found.first_at = found.last_at or row["occurred_at"], row["occurred_at"]
    for name, values in found.numbers.items():
        values.append(np.nan if row[name] is None else float(row[name]))
    if columns.keys:
        found.metadata.append({key: metadata[key] for key in columns.keys if key in metadata})
    for key, names in found.names.items():
        names.append(row[key] or "" if key in _NAMES else name_of(metadata.get(key)))


def _digest(row: dict) -> str:
    """What was asked; "" if the text is not kept."""
    if row["content_dropped"]:
        return ""
    asked = f"{row['messages'] or ''}\0{row['prompt'] or ''}"
    # A lone surrogate, which JSON can hold, is no UTF-8.
    return xxhash.xxh3_128_hexdigest(asked.encode("utf-8", "surrogatepass"))


def name_of(value) -> str:
    """The name of a segment's value; "" for none, an object or a list."""
    if isinstance(value, str):
        return value[:_LONGEST_NAME]
    return json.dumps(value) if isinstance(value, bool | int | float) else ""
