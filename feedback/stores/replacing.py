"""Which scores replace which, for every store: later ones replace earlier ones with the same key."""

from collections.abc import Collection, Iterable, Sequence

import msgspec

from feedback.choices import DEFAULT_PROFILE, Assessor, ScoreName
from feedback.stores import schema
from feedback.stores.base import ScoreChanges
from feedback.stores.schema import Row

Key = tuple[str, ...]
_QUALITY = (Assessor.CHECKS.value, ScoreName.QUALITY.value, DEFAULT_PROFILE)


def key_of(row: Row) -> Key:
    """What a score is known by, and its place in the order of scores."""
    return tuple(row[name] for name in schema.SCORE_KEY)


def changes(given: Iterable[Row], held: Iterable[Row], *, there: Collection[str]) -> ScoreChanges:
    """The changes to the held scores when others are given.

    held: at least those with the keys of `given`. there: the ids of the events that are stored.
    """
    before = {key_of(row): row for row in held}
    after: dict[Key, Row] = {}
    for row in given:
        key = key_of(row)
        current = after.get(key) or before.get(key)
        if row["event_id"] in there and (current is None or row["assessed_at"] >= current["assessed_at"]):
            after[key] = row
    changed = sorted(key for key, row in after.items() if key not in before or not _equal(row, before[key]))
    return ScoreChanges(
        replaced=schema.table(schema.SCORE, [before[key] for key in changed if key in before]),
        stored=schema.table(schema.SCORE, [after[key] for key in changed]),
    )


def quality_scores(stored: Sequence[Row]) -> dict[str, float]:
    """The quality scores of the default profile's checks among these rows, by the id of their event."""
    return {row["event_id"]: row["score"] for row in stored if is_quality(row)}


def is_quality(row: Row) -> bool:
    """Whether this score is the quality score of its event."""
    return (row["assessor"], row["name"], row["profile"]) == _QUALITY


def _equal(row: Row, other: Row) -> bool:
    """Whether both say the same; a store may write the same JSON in other characters."""
    names = [name for name in schema.SCORE.names if name != "checks"]
    return all(row[name] == other[name] for name in names) and (
        row["checks"] == other["checks"] or msgspec.json.decode(row["checks"]) == msgspec.json.decode(other["checks"])
    )
