"""Public data sets as events and signals. Every id is made from the data, so that sending them again adds nothing."""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from benchmarks.labelled_data import rows

NAMESPACE = uuid.UUID("c3d1f0a4-9d55-5e0e-8a52-3f6b7a0e4c11")
MONTH = timedelta(days=30)
OFFENSIVE_TASK = "sensitiveq"
MAPPINGS = ("model=model_version_id", "latency_s=latency_ms*1000")


def identifier(*parts: str) -> str:
    return str(uuid.uuid5(NAMESPACE, "\0".join(parts)))


def answers_of(model_prefix: str, now: datetime) -> list[dict]:
    """Answers of the versions of one model, older versions first, spread over the month until now."""
    found = [
        row | {"external_id": row["id"], "id": identifier(row["id"])}
        for row in rows("chatgpt_version_drift")
        if row["task"] != OFFENSIVE_TASK and row["model"].startswith(model_prefix)
    ]
    return spread(sorted(found, key=lambda row: (row["model"], row["id"])), now)


def spread(items: Sequence[dict], now: datetime) -> list[dict]:
    """The same items with an `occurred_at` each, in their order, at equal distances in the month until now."""
    step = MONTH / max(1, len(items))
    return [item | {"occurred_at": (now - step * (len(items) - place)).isoformat()} for place, item in enumerate(items)]


def thumbs() -> tuple[list[dict], list[dict]]:
    """Events and signals of volunteers' conversations: every vote is the signal of a user of its own."""
    events, signals = [], []
    for row in rows("thumbs_oasst"):
        event_id = identifier("oasst", row["id"])
        events.append(
            {
                "id": event_id,
                "external_id": row["id"],
                "deployment_id": "oasst",
                "model_version_id": row["model"] or "volunteers",
                "session_id": row["tree_id"],
                "messages": row["messages"],
                "response": row["response"],
            }
        )
        for kind, column in (("thumbs_up", "thumbs_up"), ("thumbs_down", "thumbs_down"), ("report", "red_flag")):
            for voter in range(row[column]):
                signals.append(_signal("oasst", event_id, kind, f"{row['id']} {kind} {voter}"))
    return spread(events, datetime.now(UTC)), signals


def edits() -> tuple[list[dict], list[dict]]:
    """Events and signals of texts that professional writers edited, some of them by several writers.

    Rows whose source names no prompt are left out, since an event needs one.
    """
    events, signals = {}, []
    for row in rows("edits_lamp_professional"):
        if row["prompt"] is None:
            continue
        event_id = identifier("lamp", row["prompt"], row["response"], row["model"])
        events[event_id] = {
            "id": event_id,
            "deployment_id": "lamp",
            "model_version_id": row["model"],
            "prompt": row["prompt"],
            "response": row["response"],
            "tags": [row["genre"]],
        }
        edit = _signal("lamp", event_id, "edit", row["writer"])
        signals.append(edit | {"edited_response": row["edited"]})
    return spread(list(events.values()), datetime.now(UTC)), signals


def _signal(deployment_id: str, event_id: str, kind: str, user: str) -> dict:
    return {
        "id": identifier(event_id, kind, user),
        "event_id": event_id,
        "deployment_id": deployment_id,
        "type": kind,
        "user_id": user,
    }


def version_means(buckets: list[dict]) -> Iterator[tuple[str, int, float]]:
    """(model version, events, mean quality) over all buckets of a quality answer."""
    counts, sums = Counter(), Counter()
    for bucket in buckets:
        counts[bucket["model_version_id"]] += bucket["n"]
        sums[bucket["model_version_id"]] += bucket["n"] * bucket["mean"]
    return ((version, n, sums[version] / n) for version, n in sorted(counts.items()))
