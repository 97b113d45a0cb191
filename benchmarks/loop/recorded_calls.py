"""Recorded conversations as the events of an assistant that answers with tool calls, and their way to a file."""

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from benchmarks import built_sets
from benchmarks.built_sets import Traffic
from benchmarks.labelled_data import data_folder

DATA = "tool_traces_tft"
RECORDED, TODAY = "2026-05-04", "2026-06-04"
# From here on events have today's tools.
CHANGED_AT = "2026-06-01T00:00:00+00:00"
LIMIT = 10_000


@dataclass(frozen=True)
class Turn:
    """A step at which the assistant calls a tool. before: the messages until then; called: the call as a message.

    conversation: its number in the data.
    """

    conversation: int
    before: tuple[dict, ...]
    called: dict

    @property
    def tool(self) -> str:
        return name_of(self.called)


def name_of(message: dict) -> str:
    """The tool that a message calls."""
    return message["tool_calls"][0]["function"]["name"]


def conversations(name: str) -> list[dict]:
    with gzip.open(data_folder() / DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return list(map(json.loads, lines))


def declared_tools() -> list[dict]:
    """The tools that the assistant has today."""
    return json.loads((data_folder() / DATA / "job_description.json").read_text())["tools"]


def is_held_out(conversation: dict) -> bool:
    """Half of the conversations, by a hash of what the user wrote; nothing is tuned on them."""
    asked = [message["content"] for message in conversation["messages"] if message["role"] == "user"]
    return bool(zlib.crc32(json.dumps(asked).encode()) % 2)


def turns(recorded: Sequence[dict]) -> list[Turn]:
    return [turn for number, one in enumerate(recorded) for turn in _turns(number, one)]


def _turns(number: int, recorded: dict) -> Iterator[Turn]:
    from feedback.ingestion.loading.tool_results import with_tool_results  # noqa: PLC0415 - needs django.setup

    messages = with_tool_results(recorded["messages"])
    open_call = ""
    before: list[dict] = []
    for message in messages:
        if message["role"] == "tool":
            message = message | {"tool_call_id": open_call}
        if calls := message.get("tool_calls"):
            open_call = calls[0]["id"]
            yield Turn(number, tuple(before), message)
        before.append(message)
    answer = recorded["answer"]
    function = {"name": answer["name"], "arguments": answer["parameters"]}
    call = {"id": "call_answer", "type": "function", "function": function}
    yield Turn(number, tuple(before), {"role": "assistant", "tool_calls": [call]})


def send(
    deployment_id: str, found: Sequence[Turn], *, day: str = RECORDED, tools: list[dict] | None = None
) -> list[str]:
    """Send each turn as an event; return the ids of the events."""
    ids = [str(uuid5(NAMESPACE_URL, f"{deployment_id}/{day}/{number}")) for number in range(len(found))]
    events = [
        {
            "id": event_id,
            "deployment_id": deployment_id,
            "model_version_id": "v1",
            "session_id": f"{day}/{turn.conversation}",
            "messages": list(turn.before),
            "response": turn.called,
            "occurred_at": f"{day}T12:00:00.{number:06}Z",
        }
        | ({"tools": tools} if tools else {})
        for number, (event_id, turn) in enumerate(zip(ids, found, strict=True))
    ]
    built_sets.send(Traffic(deployment_id, events))
    return ids


def build(deployment_id: str):
    """The set of the calls that fit, from what was recorded before the tools changed; its queue is not reviewed."""
    filters = {"to": CHANGED_AT}
    return built_sets.build(deployment_id, strategies=["consistent_call"], limit=LIMIT, filters=filters)


def confirm_renames(deployment_id: str) -> dict[str, str]:
    """Propose new names of tools, and confirm all of them; return them by the former ones."""
    from datetime import datetime  # noqa: PLC0415

    from feedback.deployments.renames import deciding, proposing  # noqa: PLC0415 - needs django.setup

    since = datetime.fromisoformat(CHANGED_AT)
    for rename in proposing.propose(proposing.comparison(deployment_id, since=since)):
        deciding.confirm(rename.pk, by=_person())
    return deciding.confirmed_renames(deployment_id)


def approve(curated_set) -> None:
    from curation.review import approval  # noqa: PLC0415 - needs django.setup

    approval.approve(curated_set.pk, by=_person())


def exported(curated_set) -> list[dict]:
    """The rows of the file for fine-tuning that an export of an approved set writes."""
    from exports.batches import requesting, storage, writing  # noqa: PLC0415 - needs django.setup
    from exports.batches.review import approval  # noqa: PLC0415
    from exports.choices import ExportFormat  # noqa: PLC0415

    batch, _ = requesting.request(curated_set.pk, format=ExportFormat.JSONL, product="sft", by=_person())
    approval.approve(batch.pk, by=_person(), queue=False)
    batch = writing.write(batch.pk)
    if batch.published_at is None:
        raise SystemExit(f"The export was not published: {batch.error}")
    with storage.open_published(batch.files[0]["path"]) as file:
        return list(map(json.loads, file))


def _person():
    from django.contrib.auth.models import User  # noqa: PLC0415 - needs django.setup

    return User.objects.get_or_create(username="bench", is_superuser=True)[0]
