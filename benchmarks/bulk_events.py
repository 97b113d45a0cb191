"""Events in bulk, made column by column as Arrow, for stores that are measured at a million rows and more."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute

from feedback.choices import DEFAULT_PROFILE, Assessor, ScoreName
from feedback.quality import scoring
from feedback.stores import schema

DEPLOYMENTS = ("helpdesk", "search")
VERSIONS = ("v1", "v2")
DAYS = 30
CHUNK = 50_000
TEXT_CHARACTERS = 250
_VOCABULARY = 2_000
_CHECKS = (
    '[{"name":"length","score":1.0,"passed":true,"details":{},"version":"1"},'
    '{"name":"refusal","score":1.0,"passed":true,"details":{"refusal":"none"},"version":"1"}]'
)


def tables(n: int, *, end: datetime, seed: int = 1) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield events and their scores, CHUNK at a time, spread evenly over DAYS before `end`."""
    random = np.random.default_rng(seed)
    words = np.array(["".join(random.choice(list("abcdefghijklmnoprstuvw"), 6)) for _ in range(_VOCABULARY)])
    texts = [" ".join(random.choice(words, TEXT_CHARACTERS // 2 // 7)) for _ in range(5_000)]
    for start in range(0, n, CHUNK):
        yield _chunk(min(CHUNK, n - start), start, n, end, random, texts)


def _chunk(size: int, start: int, n: int, end: datetime, random, texts) -> tuple[pa.Table, pa.Table]:
    event_ids = ids(random, size)
    seconds = (np.arange(start, start + size) + random.random(size)) / n * DAYS * 86_400
    begun = int((end - timedelta(days=DAYS)).timestamp() * 1_000_000)
    times = pa.array(begun + (seconds * 1_000_000).astype(np.int64), pa.int64()).cast(schema.TIME)
    prompt, response = (pa.array([texts[i] for i in random.integers(0, len(texts), size)]) for _ in range(2))
    quality = pa.array(np.round(random.beta(8, 2, size), 4))
    columns = {
        "id": event_ids,
        "deployment_id": pa.array([DEPLOYMENTS[i] for i in random.integers(0, len(DEPLOYMENTS), size)]),
        "model_version_id": pa.array([VERSIONS[i] for i in random.integers(0, len(VERSIONS), size)]),
        "user_hash": pa.array([f"{i:064x}" for i in random.integers(0, 20_000, size)]),
        "prompt": prompt,
        "response": response,
        "prompt_length": pa.compute.utf8_length(prompt),
        "response_length": pa.compute.utf8_length(response),
        "latency_ms": pa.array(np.round(random.lognormal(6.5, 0.6, size), 1)),
        "prompt_tokens": pa.array(random.integers(5, 400, size), pa.int32()),
        "completion_tokens": pa.array(random.integers(5, 400, size), pa.int32()),
        "occurred_at": times,
        "received_at": times,
        "quality_score": quality,
    }
    events = pa.table([columns.get(field.name, default(field, size)) for field in schema.EVENT], schema=schema.EVENT)
    scores = {
        "event_id": event_ids,
        "assessor": _repeated(Assessor.CHECKS.value, size),
        "name": _repeated(ScoreName.QUALITY.value, size),
        "profile": _repeated(DEFAULT_PROFILE, size),
        "raw": quality,
        "score": quality,
        "minimum": _repeated(0.0, size),
        "maximum": _repeated(1.0, size),
        "version": _repeated(scoring.assess("", "").version, size),
        "checks": _repeated(_CHECKS, size),
        "assessed_at": _repeated(datetime.now(UTC), size, schema.TIME),
    }
    return events, pa.table([scores[field.name] for field in schema.SCORE], schema=schema.SCORE)


def ids(random, size: int) -> pa.Array:
    """Random ids."""
    digits = random.bytes(size * 16).hex()
    texts = [digits[i : i + 32] for i in range(0, len(digits), 32)]
    return pa.array([f"{t[:8]}-{t[8:12]}-{t[12:16]}-{t[16:20]}-{t[20:]}" for t in texts])


_FILLED = {"batch_id": "00000000-0000-0000-0000-000000000001", "metadata": "{}", "masked": "{}"}
_EMPTY = {
    *("messages", "response_message", "tool_choice", "response_format", "feedback_shown"),
    *("latency_ms", "token_count", "cost_usd"),
    *("value", "message_index", "prompted"),
}


def default(field: pa.Field, size: int) -> pa.Array:
    """A column without anything in it."""
    if field.name in _EMPTY:
        return pa.nulls(size, field.type)
    if field.type == pa.bool_():
        return pa.array(np.zeros(size, bool))
    if pa.types.is_list(field.type):
        return pa.array([[]] * size, field.type)
    return _repeated(_FILLED.get(field.name, ""), size)


def _repeated(value, size: int, kind: pa.DataType | None = None) -> pa.Array:
    return pa.repeat(pa.scalar(value, kind), size)
