"""The content hash of a set."""

import hashlib
from collections.abc import Iterable

import orjson

from curation.models import CuratedExample
from feedback import exact_json


def content_hash(examples: Iterable[CuratedExample]) -> str:
    """The SHA-256 of the examples' content, independent of their order."""
    lines = sorted(
        exact_json.dump(
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
        for example in examples
    )
    return hashlib.sha256(b"\n".join(lines)).hexdigest()
