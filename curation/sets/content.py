"""What a set holds: its counts and the hash of its content."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import orjson

from curation.models import CuratedExample, CuratedPair
from feedback import exact_json


def content_hash(examples: Iterable[CuratedExample], pairs: Iterable[CuratedPair] = ()) -> str:
    """The SHA-256 of what may leave: accepted examples and pairs, independent of their order."""
    lines = sorted([*(_example(one) for one in examples if not one.queue_reason), *map(_pair, pairs)])
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def counts_of(examples: Sequence[CuratedExample]) -> tuple[Counter[str], Counter[str]]:
    """How many rows are accepted and how many wait in the queue, by strategy."""
    accepted = Counter(example.strategy for example in examples if not example.queue_reason)
    return accepted, Counter(example.strategy for example in examples if example.queue_reason)


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
        ],
        options=orjson.OPT_SORT_KEYS,
    )
