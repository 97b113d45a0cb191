"""One seed of each attack through the real API, up to the exported file, beside the same kernels in process."""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from benchmarks.api_client import Client
from benchmarks.loop import inside, review
from benchmarks.loop.arms import Draw
from benchmarks.loop.inside import Decisions, Row
from benchmarks.loop.texts import TASKS, task
from benchmarks.loop.traffic import Attack, Traffic
from curation.choices import Strategy
from curation.review.reasons import RIGHT_ANSWER
from tests.servers.installation import installation

TITLE = "One seed of each attack through the API"
HEADER = (
    "attack",
    "events",
    "signals",
    "accepted",
    "queued",
    "reviews",
    "accepted after",
    "in file",
    "seconds",
    "differ",
)
SEED, PAGE = 0, 500
WORKER = "worker"
# Prompts are compared by their words alone, as in process.
_SETTINGS = {"EMBEDDING_CLIENT": "noop"}
Kept = Counter[tuple[str, str, str]]


def compared(attacks: Sequence[Attack]) -> list[tuple]:
    """A line for each attack; the last column counts the rows that the API and the kernels do not share."""
    draw = Draw.of(task(TASKS[0], held_out=False), SEED)
    with tempfile.TemporaryDirectory() as folder, installation(Path(folder, "made"), settings=_SETTINGS) as made:
        made.launch(WORKER)
        client = Client(f"http://127.0.0.1:{made.port}", made.key)
        return [_line(client, draw, attack, f"loop-{number}") for number, attack in enumerate(attacks)]


def _line(client: Client, draw: Draw, attack: Attack, deployment_id: str) -> tuple:
    traffic = draw.traffic(attack)
    begun = time.monotonic()
    _send(client, traffic, deployment_id)
    first = _built(client, client.post(f"deployments/{deployment_id}/curated-sets", _REQUEST)["id"])
    rows = inside.select(traffic, deployment_id)
    differing = _difference(_rows(client, first, "examples"), _kept(rows, deployment_id, is_queued=False))
    differing += _difference(_rows(client, first, "queue"), _kept(rows, deployment_id, is_queued=True))
    queued = sum(row.is_queued for row in rows)
    read = review.chosen(rows)
    decided = review.decisions(traffic, read)
    for row in read:
        _decide(client, first, inside.event_id(deployment_id, row.event), row, decided)
    after = inside.select(traffic, deployment_id, decided)
    second = _built(client, client.post(f"curated-sets/{first}/next-version")["id"])
    differing += _difference(_rows(client, second, "examples"), _kept(after, deployment_id, is_queued=False))
    records = _exported(client, second)
    differing += _difference(records, Counter(_taught(traffic, row) for row in after if not row.is_queued))
    seconds = round(time.monotonic() - begun)
    accepted = [sum(not row.is_queued for row in some) for some in (rows, after)]
    counts = (len(traffic.events), len(traffic.signals), accepted[0], queued, len(read), accepted[1])
    return (attack.name, *counts, records.total(), seconds, differing)


_REQUEST = {"name": "loop", "limit": inside.LIMIT, "strategies": [str(name) for name in inside.STRATEGIES]}


def _send(client: Client, traffic: Traffic, deployment_id: str) -> None:
    events = [
        {
            "id": inside.event_id(deployment_id, number),
            "deployment_id": deployment_id,
            "model_version_id": inside.VERSION,
            "user_id": f"user {event.user}",
            "prompt": traffic.asked.texts[event.text],
            "response": event.answer,
            "occurred_at": inside.occurred_at(number).isoformat(),
        }
        for number, event in enumerate(traffic.events)
    ]
    signals = [
        {
            "event_id": inside.event_id(deployment_id, signal.event),
            "deployment_id": deployment_id,
            "type": signal.kind,
            "user_id": f"user {signal.user}",
            "occurred_at": inside.occurred_at(signal.event).isoformat(),
            **({"edited_response": signal.edited} if signal.edited else {}),
        }
        for signal in traffic.signals
    ]
    client.send("events", events)
    client.send("signals", signals)


def _built(client: Client, set_id: int) -> int:
    client.wait_for(f"curated-sets/{set_id}", lambda curated_set: curated_set["status"] != "building")
    return set_id


def _rows(client: Client, set_id: int, part: str) -> Kept:
    """Event, strategy and answer of each row."""
    found: Kept = Counter()
    for row in _pages(client, f"curated-sets/{set_id}/{part}"):
        answer = row["edited_response"] if row["strategy"] == Strategy.USER_EDIT else row["response"]
        found[row["event_id"], row["strategy"], answer] += 1
    return found


def _pages(client: Client, path: str) -> Iterator[dict]:
    page = client.get(f"{path}?page_size={PAGE}")
    yield from page["results"]
    while page["next"]:
        cursor = parse_qs(urlsplit(page["next"]).query)["cursor"][0]
        page = client.get(f"{path}?page_size={PAGE}&cursor={cursor}")
        yield from page["results"]


def _kept(rows: Sequence[Row], deployment_id: str, *, is_queued: bool) -> Kept:
    return Counter(
        (inside.event_id(deployment_id, row.event), row.strategy, row.answer)
        for row in rows
        if row.is_queued == is_queued
    )


def _decide(client: Client, set_id: int, event_id: str, row: Row, decided: Decisions) -> None:
    """The reviewer's decision on one row, as the API has it."""
    body = {"decision": "keep"}
    if row.event in decided.answers:
        body = {"decision": "edit", "edited_response": decided.answers[row.event]}
    elif row.strategy == Strategy.HARD_EXAMPLE:
        body = {"decision": "drop", "reason": RIGHT_ANSWER}
    rows = [one for one in _pages(client, f"curated-sets/{set_id}/queue") if one["event_id"] == event_id]
    client.read("PATCH", f"curated-sets/{set_id}/rows/{rows[0]['id']}", body)


def _exported(client: Client, set_id: int) -> Counter[tuple[str, str]]:
    """Prompt and answer of each record of the published file."""
    client.post(f"curated-sets/{set_id}/approve", {"note": "Read."})
    batch = client.post("exports", {"curated_set": set_id, "format": "jsonl"})
    if batch["status"] == "requested":
        client.post(f"exports/{batch['id']}/approve")
    client.wait_for(f"exports/{batch['id']}", lambda export: export["status"] in {"published", "failed"})
    lines = client.read("GET", f"exports/{batch['id']}/download").decode().split("\n")
    records = [json.loads(line) for line in lines if line]
    return Counter((record["messages"][0]["content"], record["messages"][-1]["content"]) for record in records)


def _taught(traffic: Traffic, row: Row) -> tuple[str, str]:
    return traffic.asked.texts[traffic.events[row.event].text], row.answer


def _difference(found: Counter, wanted: Counter) -> int:
    return ((found - wanted) + (wanted - found)).total()
