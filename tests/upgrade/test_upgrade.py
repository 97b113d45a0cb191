"""What an earlier version stored, and what waited for it in the stream, under the version of today."""

import hashlib
import json
import textwrap
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import pytest

from tests.servers.installation import WEB, WRITER
from tests.upgrade.archived_installation import ARCHIVES, Running, restored
from tests.upgrade.figures import figures
from tests.upgrade.scheduled_tasks import run_scheduled, unknown_tasks

pytestmark = pytest.mark.slow

DEPLOYMENT = "shop-assistant"
BALANCED = """
    SELECT batch_id::text, deployment_id FROM feedback_ingestbatch
    WHERE accepted <> stored + duplicate + sampled_out + rejected
"""
REPLAYED = "SELECT item_id::text, kind, replay_batch_id::text FROM feedback_rejecteditem ORDER BY id"
REPLAY_ALL = textwrap.dedent(
    """
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.urls import reverse
    operator = Client(SERVER_NAME="127.0.0.1")
    operator.force_login(get_user_model().objects.get(username="operator"))
    page = reverse("admin:feedback_rejecteditem_replay_all")
    assert "HX-Redirect" in operator.post(page, {"_form_submitted": "true"}).headers
    """
)
# What the content hash of a set covers, in this order.
EXAMPLE = ("event_id", "strategy", "score", "prompt", "messages", "response", "edited_response", "model_version_id")


@dataclass
class Upgraded:
    """A running installation of an archive, what the earlier version knew of it, and its figures at two moments."""

    found: Running
    known: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]


@pytest.fixture(
    scope="module",
    params=sorted(ARCHIVES.glob("*/*.tar.xz")),
    ids=lambda archive: f"{archive.parent.name}-{archive.name.partition('.tar')[0]}",
)
def upgraded(request, tmp_path_factory):
    """Migrate and start what an archive holds, and let the writer write what waits."""
    with restored(request.param, tmp_path_factory.mktemp("upgrade")) as (found, known):
        requests = list(known["before"]["requests"])
        found.installation.manage("migrate", "--verbosity", "0")
        found.installation.start(WEB)
        before = figures(found, requests=requests)
        found.installation.start(WRITER)
        found.installation.drain()
        yield Upgraded(found, known, before, figures(found, requests=requests))


def test_what_was_stored_and_decided_is_as_it_was(upgraded):
    expected = upgraded.known["before"]

    assert {name: upgraded.before[name] for name in expected} == expected


def test_an_earlier_event_keeps_its_score_and_checks(upgraded):
    for event in upgraded.known["events"]:
        found = upgraded.found.api.get(f"events/{event['id']}")

        quality = {name: found["quality"][name] for name in event["quality"]}
        assert {name: found[name] for name in event} | {"quality": quality} == event
        assert found["quality"]["caps"] == []


def test_what_waited_is_written_as_the_earlier_version_would_have(upgraded):
    expected, requests = upgraded.known["after"], upgraded.after["requests"]

    assert len(upgraded.known["waiting"]) > 3
    assert {name: upgraded.after[name] for name in expected} == expected
    assert {batch: requests[batch]["pending"] for batch in upgraded.known["waiting"]} == dict.fromkeys(
        upgraded.known["waiting"], 0
    )
    assert upgraded.found.installation.query(BALANCED) == []


def test_rollups_agree_with_the_events_before_and_after_a_fold(upgraded):
    installation = upgraded.found.installation

    # Each check fails where anything differs.
    installation.manage("rebuild_rollups", "--check", "--deployment", DEPLOYMENT)
    run_scheduled(installation, "fold_rollups")
    installation.manage("rebuild_rollups", "--check")

    assert installation.query("SELECT count(*)::int FROM feedback_rollupdelta") == [(0,)]


def test_reviewed_sets_hold_what_was_reviewed(upgraded):
    reviewed = [row for rows in upgraded.known["before"]["sets"].values() for row in rows if row["status"] != "draft"]

    assert {row["status"] for row in reviewed} >= {"approved", "rejected", "in_review", "superseded"}
    for row in reviewed:
        page = upgraded.found.api.get(f"curated-sets/{row['id']}/examples?page_size=500")
        assert page["next"] is None
        assert _content_hash(page["results"]) == row["content_hash"]


def _content_hash(examples):
    lines = (
        orjson.dumps(
            [*(example[name] for name in EXAMPLE), datetime.fromisoformat(example["occurred_at"])],
            option=orjson.OPT_SORT_KEYS,
        )
        for example in examples
    )
    return hashlib.sha256(b"\n".join(sorted(lines))).hexdigest()


def test_an_export_asked_for_again_is_the_same_and_its_file_is_unchanged(upgraded):
    api = upgraded.found.api
    for export_id, _, set_id, export_format, status, _, sha256, _ in upgraded.known["before"]["exports"]:
        options = api.get(f"exports/{export_id}")["options"]

        again = api.post("exports", {"curated_set": set_id, "format": export_format, "options": options})

        assert again == {"id": export_id, "status": status}
        if status == "published":
            answer, file = api.ask("GET", f"exports/{export_id}/download")
            assert (answer, hashlib.sha256(file).hexdigest()) == (200, sha256)


def test_earlier_events_and_users_are_recognised(upgraded):
    api, earlier, person = upgraded.found.api, upgraded.known["events"][0], upgraded.known["person"]
    texts = {"deployment_id": earlier["deployment_id"], "prompt": "Does it still work?", "response": "It does."}

    receipt = api.post("events", {"events": [{**texts, "id": earlier["id"]}, {**texts, "user_id": person["user_id"]}]})
    upgraded.found.installation.drain()

    counts = api.get(f"batches/{receipt['batch_id']}")
    assert (counts["accepted"], counts["duplicate"], counts["stored"]) == (2, 1, 1)
    assert api.get(f"events/{earlier['id']}")["response"] == earlier["response"]
    assert api.get(f"events/{receipt['ids'][1]}")["user_hash"] == person["user_hash"]


def test_rejected_items_are_stored_when_they_are_replayed(upgraded):
    installation, api = upgraded.found.installation, upgraded.found.api

    installation.manage("shell", "--no-imports", "--command", REPLAY_ALL)
    installation.drain()

    items = installation.query(REPLAYED)
    assert [kind for _, kind, _ in items] == ["event", "event", "signal"]
    counts = [api.get(f"batches/{request}") for request in {request for *_, request in items}]
    assert sorted((row["accepted"], row["stored"]) for row in counts) == [(1, 1), (2, 2)]
    events = [api.get(f"events/{item_id}") for item_id, kind, _ in items if kind == "event"]
    assert [event["content_dropped"] for event in events] == [False, True]
    assert all(event["quality"]["score"] > 0 and event["quality"]["checks"] for event in events)


@pytest.mark.parametrize(
    ("reference", "current"),
    [
        ({"model_version_id": "model-1"}, {"model_version_id": "model-2"}),
        ({"baseline": "launch"}, {"model_version_id": "model-1"}),
    ],
    ids=["versions", "baseline"],
)
def test_earlier_windows_are_compared(upgraded, reference, current):
    windows = ["--reference", json.dumps(reference), "--current", json.dumps(current)]

    printed = upgraded.found.installation.manage("detect_drift", DEPLOYMENT, *windows, "--segments", "plan")

    newest = upgraded.found.api.get(f"deployments/{DEPLOYMENT}/drift")["results"][0]
    assert f"Drift report {newest['id']} of {DEPLOYMENT}" in printed
    assert (newest["status"], newest["verdict"]) == ("completed", "drifting")


def test_every_scheduled_task_is_known_to_workers(upgraded):
    assert unknown_tasks(upgraded.found.installation) == []
