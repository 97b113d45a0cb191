"""The segment of an event by which a set divides its rows."""

import orjson

from feedback.measures.language import language_of
from feedback.stores.schema import Row

LANGUAGE = "language"
COLUMNS = {"model_version": "model_version_id", "experiment": "experiment"}
METADATA = "metadata."
KEYS = f"{LANGUAGE}, {', '.join(COLUMNS)}, or {METADATA}KEY"


def is_key(key: str) -> bool:
    return key == LANGUAGE or key in COLUMNS or key.startswith(METADATA) and len(key) > len(METADATA)


def of(event: Row, key: str) -> str:
    """The value of an event: the language of its prompt, a column, or a key of its metadata; "" without a key."""
    if not key:
        return ""
    if key == LANGUAGE:
        return language_of(event["prompt"])
    if key in COLUMNS:
        return event[COLUMNS[key]]
    value = orjson.loads(event["metadata"] or "{}").get(key.removeprefix(METADATA), "")
    return value if isinstance(value, str) else orjson.dumps(value).decode()
