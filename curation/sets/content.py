"""What a set holds: its counts, the canonical form of its rows and the hash of its content."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.db.models import Count

from curation.choices import Strategy
from curation.models import CuratedExample, CuratedPair, CuratedSet
from feedback import exact_json

NOTHING_LEFT = (
    "Every row was dropped, and the queue holds none that is accepted. Accept rows of the queue, or curate again."
)


def content_hash(examples: Iterable[CuratedExample], pairs: Iterable[CuratedPair] = ()) -> str:
    """The SHA-256 of what may leave: accepted examples and pairs, independent of their order."""
    lines = sorted(map(canonical, [*(one for one in examples if one.is_accepted), *pairs]))
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def canonical(row: CuratedExample | CuratedPair) -> bytes:
    """The content of a row as JSON that is the same wherever and whenever it is written."""
    return _example(row) if isinstance(row, CuratedExample) else _pair(row)


def counts_of(examples: Sequence[CuratedExample]) -> tuple[Counter[str], Counter[str]]:
    """How many rows are accepted and how many wait in the queue, by strategy."""
    accepted = Counter(example.strategy for example in examples if example.is_accepted)
    return accepted, Counter(example.strategy for example in examples if example.is_queued)


def counted(curated_set: CuratedSet) -> dict[str, Any]:
    """The counts of a stored set, as its columns have them."""
    examples = CuratedExample.objects.filter(curated_set=curated_set)
    accepted, queued = (
        dict(rows.order_by().values_list("strategy").annotate(n=Count("pk")))
        for rows in (examples.accepted(), examples.queued())
    )
    return {
        "counts": {strategy: accepted[strategy] for strategy in Strategy if strategy in accepted},
        "queued": {strategy: queued[strategy] for strategy in Strategy if strategy in queued},
        "pairs": CuratedPair.objects.filter(curated_set=curated_set).released().count(),
    }


def hashed(curated_set: CuratedSet) -> dict[str, str]:
    """The hash of the content of a stored set, "" if nothing may leave, as its columns have it."""
    examples = CuratedExample.objects.filter(curated_set=curated_set).accepted()
    pairs = CuratedPair.objects.filter(curated_set=curated_set).released()
    if not examples.exists() and not pairs.exists():
        return {"content_hash": "", "error": NOTHING_LEFT}
    return {"content_hash": content_hash(examples.iterator(), pairs.iterator()), "error": ""}


def _example(example: CuratedExample) -> bytes:
    return exact_json.dump(
        [
            str(example.event_id),
            example.strategy,
            example.score,
            example.prompt,
            example.messages,
            example.response,
            example.edited_response,
            example.model_version_id,
            example.occurred_at,
            # Sets from before answers were messages keep their hash.
            *([example.response_message] if example.response_message else []),
            # Those from before rows kept their tools, likewise.
            *([example.tools] if example.tools else []),
            *([{"reviewed_response": example.reviewed_response}] if example.reviewed_response else []),
        ],
        options=orjson.OPT_SORT_KEYS,
    )


def _pair(pair: CuratedPair) -> bytes:
    return exact_json.dump(
        [
            str(pair.chosen_event_id),
            str(pair.rejected_event_id),
            pair.pair_source,
            pair.prompt,
            pair.messages,
            pair.chosen,
            pair.chosen_message,
            pair.rejected,
            pair.rejected_message,
            *([pair.tools] if pair.tools else []),
        ],
        options=orjson.OPT_SORT_KEYS,
    )
