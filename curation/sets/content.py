"""What a set holds: its counts, the canonical form of its rows and the hash of its content."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import orjson

from curation.models import CuratedExample, CuratedPair
from feedback import exact_json


def content_hash(examples: Iterable[CuratedExample], pairs: Iterable[CuratedPair] = ()) -> str:
    """The SHA-256 of what may leave: accepted examples and pairs, independent of their order."""
    lines = sorted(map(canonical, [*(one for one in examples if not one.queue_reason), *pairs]))
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def canonical(row: CuratedExample | CuratedPair) -> bytes:
    """The content of a row as JSON that is the same wherever and whenever it is written."""
    return _example(row) if isinstance(row, CuratedExample) else _pair(row)


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
            # Those from before rows kept their tools, likewise.
            *([example.tools] if example.tools else []),
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
