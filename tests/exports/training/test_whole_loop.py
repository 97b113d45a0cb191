"""The loop once, with every process of an installation: traffic, firing, set, decisions, approval, export, training,
version, gate. Worker, supervisor of trainers and trainer are killed on the way; nothing runs twice, nothing hangs.
"""

import json
import os
import random
import signal
import sys
import textwrap
from http.client import HTTPConnection

import pytest

from tests.servers.installation import installation, kill_and_wait, until

pytestmark = pytest.mark.slow

WORKERS = ("worker-ingest", "worker", "trainer")
EVENTS = 240
TOPICS = {
    "refund": ("refund", "money", "charge", "invoice"),
    "access": ("password", "login", "account", "lock"),
    "delivery": ("parcel", "courier", "address", "late"),
}
TRAINER = textwrap.dedent(
    """
    import json, os, pathlib, sys, time, urllib.request
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    folder = pathlib.Path(sys.argv[1])
    with (folder / "starts").open("a") as starts:
        print(os.environ["CRUCIBLE_RUN_ID"], os.getpid(), file=starts, flush=True)

    def report(**said):
        request = urllib.request.Request(
            os.environ["CRUCIBLE_REPORT_URL"], json.dumps(said).encode(), method="PATCH",
            headers={"Authorization": "Bearer " + os.environ["CRUCIBLE_KEY"], "Content-Type": "application/json"},
        )
        urllib.request.urlopen(request).read()

    rows = [json.loads(line) for line in pathlib.Path(os.environ["CRUCIBLE_DATASET"]).read_text().splitlines()]
    prompts = [row["messages"][0]["content"] for row in rows]
    answers = [row["messages"][-1]["content"].split()[0] for row in rows]
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(prompts, answers)
    report(current_epoch=1, metrics={"accuracy": float(model.score(prompts, answers))})
    print("trained on", len(rows), "rows", flush=True)
    while not (folder / "go").exists():
        time.sleep(0.1)
    report(status="completed", final_model_version="bot-2.0.0")
    """
)


class Client:
    def __init__(self, made):
        self.made = made

    def __call__(self, method, path, body=None, *, code=None):
        connection = HTTPConnection("127.0.0.1", self.made.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.made.key}", "Content-Type": "application/json"}
        connection.request(method, f"/api/v1/{path}", None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status in ({code} if code else {200, 201, 202}), (method, path, answer.status, text)
        return json.loads(text) if text else None


@pytest.fixture
def made(tmp_path):
    script = tmp_path / "train.py"
    script.write_text(TRAINER)
    trainers = {"local": {"adapter": "command", "command": [sys.executable, str(script), str(tmp_path)]}}
    settings = {
        "TRAINERS": json.dumps(trainers),
        "TRIGGER_DATA_COUNT_THRESHOLD": str(EVENTS),
        "JOB_LEASE_SECONDS": "2",
    }
    with installation(tmp_path / "home", settings=settings) as found:
        found.start("web")
        for name in WORKERS:
            found.launch(name)
        yield found


def traffic(call, version, *, seed, count=EVENTS):
    """Questions with four votes each, against every fourth answer."""
    chance = random.Random(seed)
    events = []
    for number in range(count):
        topic = list(TOPICS)[number % 3]
        words = " ".join(chance.choices(TOPICS[topic], k=3))
        prompt = f"Question {chance.randrange(10**9)}: I need help with {words}, case {number:03}."
        events.append(
            {
                "deployment_id": "helpdesk",
                "model_version_id": version,
                "prompt": prompt,
                "response": f"{topic.capitalize()} is handled in Settings; choose {words} there and follow the steps."
                if number % 4
                else f"The weather in spring brings {words}, and number {number:03} is a fine number.",
            }
        )
    ids = call("POST", "events", {"events": events})["ids"]
    signals = [
        {
            "event_id": event_id,
            "deployment_id": "helpdesk",
            "type": "thumbs_up" if number % 4 else "thumbs_down",
            "user_id": f"user {user % 200}",
        }
        for number, event_id in enumerate(ids)
        for user in range(7 * number, 7 * number + 4)
    ]
    call("POST", "signals", {"signals": signals})
    return ids


def advance(made):
    """What beat does every minute."""
    code = (
        "from exports.tasks import start_triggered_sets, sweep; from curation.tasks import sweep as sweep_sets; "
        "start_triggered_sets(); sweep(); sweep_sets()"
    )
    made.manage("shell", "--no-imports", "--command", code)


def the_only(call, path):
    [found] = call("GET", path)["results"]
    return found


def starts(tmp_path):
    return [line.split() for line in (tmp_path / "starts").read_text().splitlines()]


def test_the_loop_closes(made, tmp_path):
    call = Client(made)
    traffic(call, "bot-1", seed=1)
    made.drain()
    rules = {name: {"enabled": False} for name in ("drift_threshold", "quality_drop", "scheduled")}
    call("PATCH", "deployments/helpdesk/triggers/rules", rules)
    call("PUT", "deployments/helpdesk/loop-policy", {"level": "train", "trainer": "local", "config": {"epochs": 1}})
    fired = [one["name"] for one in call("POST", "deployments/helpdesk/triggers/check")["triggers"] if one["fired"]]
    assert fired == ["data_count"]

    # A set, whose first worker is killed.
    made.kill("worker")
    advance(made)
    made.launch("worker")

    def a_set():
        advance(made)
        return the_only(call, "deployments/helpdesk/curated-sets")

    until(lambda: a_set()["status"] == "draft")
    curated_set = call("GET", f"curated-sets/{the_only(call, 'deployments/helpdesk/curated-sets')['id']}")
    assert curated_set["counts"]["total"] > 100, (curated_set["error"], curated_set["funnel"])
    address = f"curated-sets/{curated_set['id']}"

    # People decide: one row is edited and kept for evaluation, one is dropped, the set is approved.
    rows = call("GET", f"{address}/examples")["results"]
    edit = {"decision": "edit", "edited_response": "Refunds are paid within five days. Ask in Settings."}
    call("PATCH", f"{address}/rows/{rows[0]['id']}", edit)
    call("PATCH", f"{address}/rows/{rows[1]['id']}", {"decision": "drop", "reason": "wrong"})
    where = {"part": "examples", "row_ids": [rows[0]["id"]]}
    golden = {"golden_set": "core", "where": where, "expected": 1}
    call("POST", f"{address}/rows/golden", golden)
    call("POST", f"{address}/approve", {"note": ""})

    advance(made)
    export = the_only(call, "exports")
    call("POST", f"exports/{export['id']}/approve")
    until(lambda: call("GET", f"exports/{export['id']}")["status"] == "published")

    # A training, whose supervisor is killed while it runs.
    advance(made)
    run = the_only(call, "training-runs")
    path = f"training-runs/{run['id']}"
    until(lambda: call("GET", path)["metrics_history"])
    made.kill("trainer")
    made.launch("trainer")
    new = traffic(call, "bot-1", seed=2, count=150)
    made.drain()
    assert len(starts(tmp_path)) == 1
    (tmp_path / "go").touch()
    until(lambda: call("GET", path)["status"] == "completed")
    done = call("GET", path)
    assert len(starts(tmp_path)) == 1
    assert (done["export"], done["config"]["epochs"], done["final_model_version"]) == (export["id"], 1, "bot-2.0.0")
    assert done["mark"]["events_before"] == EVENTS
    assert (done["baseline"]["name"], done["baseline"]["version"]) == ("training", 1)
    assert (done["firings_handed_off"], done["model_version"]["version"]) == (1, "2.0.0")

    # What arrived while it trained is new data, and nothing more.
    checked = {one["name"]: one for one in call("POST", "deployments/helpdesk/triggers/check")["triggers"]}
    assert (checked["data_count"]["fired"], checked["data_count"]["value"]) == (False, len(new))
    assert {one["fired"] for one in checked.values()} == {False}
    assert [one["state"] for one in call("GET", "deployments/helpdesk/triggers/firings")["results"]] == ["handed_off"]

    # The same traffic is no drift.
    windows = {"reference": {"baseline": "training"}, "current": {"last_events": len(new)}}
    report = call("POST", "deployments/helpdesk/drift", windows)
    until(lambda: call("GET", f"drift-reports/{report['id']}")["status"] != "running")
    found = call("GET", f"drift-reports/{report['id']}")
    changed = [one for one in found["metrics"] if one["verdict"] not in ("ok", "insufficient_data")]
    assert (found["verdict"], changed) == ("ok", [])

    # The gate: one reference is no evidence.
    golden_set = the_only(call, "golden-sets")
    sides = {
        "candidate": {"model_version_id": "bot-2.0.0"},
        "current": {"model_version_id": "bot-1"},
    }
    gate = call("POST", f"{path}/gate", {"golden_set": golden_set["id"], **sides})
    until(lambda: call("GET", f"gates/{gate['id']}")["status"] == "completed")
    assert call("GET", f"gates/{gate['id']}")["verdict"] == "no_evidence"


def test_a_killed_trainer_fails_its_run_and_the_next_one_trains(made, tmp_path):
    call = Client(made)
    traffic(call, "bot-1", seed=1)
    made.drain()
    call("POST", "deployments/helpdesk/curated-sets", {"name": "now", "limit": 100})
    until(lambda: the_only(call, "deployments/helpdesk/curated-sets")["status"] == "draft")
    curated_set = the_only(call, "deployments/helpdesk/curated-sets")
    call("POST", f"curated-sets/{curated_set['id']}/approve", {"note": ""})
    export = call("POST", "exports", {"curated_set": curated_set["id"], "format": "jsonl"})
    call("POST", f"exports/{export['id']}/approve")
    until(lambda: call("GET", f"exports/{export['id']}")["status"] == "published")
    wanted = {"deployment_id": "helpdesk", "export": export["id"], "trainer": "local"}

    first = call("POST", "training-runs", wanted)
    call("POST", "training-runs", wanted, code=409)
    until(lambda: call("GET", f"training-runs/{first['id']}")["metrics_history"])
    [[_, pid]] = starts(tmp_path)
    kill_and_wait([int(pid)])
    until(lambda: call("GET", f"training-runs/{first['id']}")["status"] == "failed")
    failed = call("GET", f"training-runs/{first['id']}")

    second = call("POST", "training-runs", wanted)
    (tmp_path / "go").touch()
    until(lambda: call("GET", f"training-runs/{second['id']}")["status"] == "completed")

    assert (failed["exit_code"], failed["mark"], failed["final_model_version"]) == (-signal.SIGKILL, None, "")
    assert [run_id for run_id, _ in starts(tmp_path)] == [str(first["id"]), str(second["id"])]
    assert not os.path.exists(f"/proc/{pid}")
