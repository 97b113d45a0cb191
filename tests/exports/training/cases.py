"""Each adapter with a real trainer behind it, for the contract that all of them keep.

A case of another package: a context manager that gives a Case, added to CASES.
"""

import base64
import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from exports.training.adapters.base import Adapter, Dataset, DatasetFile, HandOff, TrainerFailed
from exports.training.adapters.command import CommandAdapter
from exports.training.adapters.mlflow import MlflowAdapter
from exports.training.adapters.webhook import WebhookAdapter
from exports.training.commands.folders import folder_of
from tests import receiver as receivers
from tests.exports.training import tracking

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
# Says who it is and waits to be ended.
WAITING = "import os, time; print('run', os.environ['CRUCIBLE_RUN_ID'], flush=True); time.sleep(60)"


@dataclass(frozen=True)
class Case:
    """starts, stops: the runs that the trainer has seen started and stopped, each as often as it was."""

    adapter: Adapter
    unreachable: Adapter
    starts: Callable[[], list[int]]
    stops: Callable[[], list[int]]


def hand_off(run_id: int = 7, *, folder: Path, config=None, key="cf_secret") -> HandOff:
    path = folder / "helpdesk.jsonl"
    path.write_text('{"messages": []}\n')
    file = DatasetFile(path.name, "0" * 64, path.stat().st_size, str(path))
    address = "http://127.0.0.1:8000/api/v1"
    urls = f"{address}/exports/3/download", f"{address}/exports/3/manifest"
    dataset = Dataset(3, "jsonl", 1, "0" * 64, *urls, (file,), {"manifest_version": 1, "set": "helpdesk"})
    return HandOff(run_id, "helpdesk", config or {"epochs": 2}, dataset, f"{address}/training-runs/{run_id}", key)


@contextmanager
def command(request, settings, folder: Path) -> Iterator[Case]:
    settings.TRAINING_FOLDER = folder / "training"

    def folders():
        return {int(path.name): folder_of(int(path.name)) for path in settings.TRAINING_FOLDER.glob("*")}

    def starts():
        return [int(word) for each in folders().values() for word in each.log.read_text().split() if word.isdecimal()]

    def stops():
        return [run_id for run_id, each in folders().items() if (ended := each.exit()) and ended.code == -15]

    adapter = CommandAdapter((sys.executable, "-c", WAITING))
    try:
        yield Case(adapter, CommandAdapter((str(folder / "no such program"),)), starts, stops)
    finally:
        for run_id in folders():
            adapter.cancel(hand_off(run_id, folder=folder))


@contextmanager
def webhook(request, settings, folder: Path) -> Iterator[Case]:
    os.environ["TRAINER_SECRET_TEST"] = SECRET
    with receivers.running() as receiver:

        def seen(kind):
            events = {headers["webhook-id"]: json.loads(body) for _, headers, body in receiver.requests}
            return [
                event["data"]["run_id"] for event in events.values() if event["type"] == f"crucible.training.{kind}"
            ]

        options = {"secret_env": "TRAINER_SECRET_TEST", "private_addresses": True}
        adapter = WebhookAdapter(receiver.url, **options)
        unreachable = WebhookAdapter("http://127.0.0.1:1/", **options)
        try:
            yield Case(adapter, unreachable, lambda: seen("requested"), lambda: seen("cancelled"))
        finally:
            del os.environ["TRAINER_SECRET_TEST"]


@contextmanager
def mlflow(request, settings, folder: Path) -> Iterator[Case]:
    address = request.getfixturevalue("tracking_server")
    experiment = str(uuid.uuid4())

    def ids(**wanted):
        found = tracking.runs(address, experiment, **wanted)
        return [int(run.data.tags["crucible.run_id"].rpartition("/")[2]) for run in found]

    unreachable = MlflowAdapter("http://127.0.0.1:1", experiment)
    yield Case(MlflowAdapter(address, experiment), unreachable, ids, lambda: ids(status="KILLED"))


CASES = {"command": command, "webhook": webhook, "mlflow": mlflow}


def eventually(wanted: Callable[[], object], *, seconds: float = 60) -> object:
    """What the call gives once it is true."""
    deadline = time.monotonic() + seconds
    while not (found := wanted()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found


__all__ = ["CASES", "SECRET", "Case", "TrainerFailed", "eventually", "hand_off"]
