"""Secrets planted in every field that a client fills are nowhere afterwards: in no table, stream, log or file."""

import base64
import json
import re
import socket
from http.client import HTTPConnection

import pytest

from tests.feedback.crash_safety.canaries import (
    DEPLOYMENT,
    MASKED,
    MASKED_LABEL,
    Canaries,
    event,
    malformed,
    refused_events,
    refused_scores,
    refused_signals,
    replaced_events,
    score,
    signal,
)
from tests.servers.installation import POSTGRES, VALKEY, WEB, WRITER, until

pytestmark = pytest.mark.slow

POISONED, DROPPED = "canary-poison", "canary-drop"
WORKER = "worker"
TASK_BODY = re.compile(rb'"body": "([A-Za-z0-9+/=]+)"')
EVERY_COLUMN = """
    SELECT table_schema, table_name, column_name FROM information_schema.columns
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, ordinal_position
"""


@pytest.fixture(scope="module")
def canaries():
    return Canaries()


@pytest.fixture
def say(installation):
    """Send one request and return status and body."""

    def send(method, path, body=None, *, content_type="application/json", **headers):
        connection = HTTPConnection("127.0.0.1", installation.port, timeout=30)
        if not isinstance(body, bytes | None):
            body = json.dumps(body).encode()
        headers |= {"Authorization": f"Bearer {installation.key}", "Content-Type": content_type}
        try:
            connection.request(method, f"/api/v1/{path}", body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        is_json = answer.headers["Content-Type"] == "application/json"
        return answer.status, json.loads(content) if is_json else content

    return send


@pytest.fixture
def worker(installation):
    """A Celery worker, for sets and exports."""
    installation.launch(WORKER)
    yield
    installation.stop(WORKER)


@pytest.fixture
def poison(installation):
    """The database refuses every event, signal and score of one deployment."""
    tables = ("feedback_event", "feedback_signal", "feedback_waitingscore")
    for table in tables:
        rule = f"CHECK (deployment_id <> '{POISONED}') NOT VALID"
        installation.query(f"ALTER TABLE {table} ADD CONSTRAINT canary_poison {rule}")
    yield
    for table in tables:
        installation.query(f"ALTER TABLE {table} DROP CONSTRAINT canary_poison")


def tables(installation):
    columns = {}
    for schema, table, column in installation.query(EVERY_COLUMN):
        columns.setdefault((schema, table), []).append(column)
    for (schema, table), names in columns.items():
        listed = ", ".join(f'"{name}"::text' for name in names)
        for row in installation.query(f'SELECT {listed} FROM "{schema}"."{table}"'):
            yield from ((f"{table}.{name}", value.encode()) for name, value in zip(names, row, strict=True) if value)


def append_only_file(installation):
    return b"".join(path.read_bytes() for path in installation.home.valkey.rglob("*.aof"))


def task_bodies(installation):
    """The arguments of every task that was ever queued; the broker keeps them in Base64."""
    return b"\n".join(base64.b64decode(body) for body in TASK_BODY.findall(append_only_file(installation)))


def files(installation):
    """Every file of the installation: of the database and its log of changes, of the stream, logs and exports."""
    installation.query("CHECKPOINT")
    for path in installation.home.folder.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(installation.home.folder)), path.read_bytes()


def logs(installation):
    return [(path.name, path.read_bytes()) for path in installation.home.logs.iterdir()]


def assert_nothing_leaked(installation, canaries):
    assert canaries.secrets_in(tables(installation)) == set()
    assert canaries.secrets_in(files(installation)) == set()
    assert canaries.secrets_in([("tasks", task_bodies(installation))]) == set()
    assert canaries.words_in(logs(installation)) == set()


def curate_and_export(installation, say):
    """Approve a set of everything in the deployment and export it; the files."""
    # The planted texts are alike, so answers look like leaks of the system message.
    while flags := say("GET", f"flags?deployment_id={DEPLOYMENT}&state=unreviewed")[1]["results"]:
        for flag in flags:
            assert say("PATCH", f"flags/{flag['id']}", {"state": "dismissed"})[0] == 200
    status, made = say("POST", f"deployments/{DEPLOYMENT}/curated-sets", {"name": "everything"})
    assert status == 202
    address = f"curated-sets/{made['id']}"
    until(lambda: say("GET", address)[1]["status"] == "draft")
    assert say("POST", f"{address}/submit", {})[0] == 200
    assert say("POST", f"{address}/approve", {"note": "seen"})[0] == 200
    written = []
    for file_format in ("jsonl", "preference_pairs"):
        status, export = say("POST", "exports", {"curated_set": made["id"], "format": file_format})
        assert status == 201
        address = f"exports/{export['id']}"
        assert say("POST", f"{address}/approve")[0] == 200
        until(lambda address=address: say("GET", address)[1]["status"] == "published")
        written.append(say("GET", f"{address}/download")[1])
    return written


def test_what_clients_send_is_nowhere_as_it_was(installation, say, worker, poison, canaries):
    assert say("POST", "events", event(canaries, "dropped event", deployment_id=DROPPED, response="Yes."))[0] == 202
    installation.drain()
    assert say("PATCH", f"deployments/{DROPPED}", {"content_policy": "drop"})[0] == 200

    stored = event(canaries, "stored event")
    accepted = [stored, event(canaries, "poison event", deployment_id=POISONED), *replaced_events(canaries)]
    events = [*accepted, *refused_events(canaries)]
    signals = [
        signal(canaries, "stored signal", "stored event"),
        signal(
            canaries,
            "label",
            "stored event",
            type="label",
            edited_response=None,
            name=canaries.at("label: name").name,
            session_id=canaries.at("label: session").person,
        ),
        signal(canaries, "poison signal", "poison event", deployment_id=POISONED),
        signal(canaries, "dropped signal", "dropped event", deployment_id=DROPPED),
        *refused_signals(canaries),
    ]
    status, receipt = say("POST", "events", {"events": events})
    assert (status, receipt["accepted"], len(receipt["rejected"])) == (207, 4, len(events) - 4)
    status, receipt = say("POST", "signals", {"signals": signals})
    assert (status, receipt["accepted"], len(receipt["rejected"])) == (207, 4, len(signals) - 4)
    scores = [
        score(canaries, "stored score", "stored event"),
        score(canaries, "poison score", "poison event", deployment_id=POISONED),
        *refused_scores(canaries),
    ]
    status, receipt = say("POST", "scores", {"scores": scores})
    assert (status, receipt["accepted"], len(receipt["rejected"])) == (207, 2, len(scores) - 2)
    assert say("POST", "scores", {"scores": refused_scores(canaries)})[0] == 400
    assert say("POST", "events", {"events": refused_events(canaries)})[0] == 400
    assert say("POST", "events", event(canaries, "dropped event", deployment_id=DROPPED))[0] == 202
    lines = "\n".join(map(json.dumps, [event(canaries, "a line"), *refused_events(canaries)])).encode()
    assert say("POST", "events", lines, content_type="application/x-ndjson")[0] == 207
    for body, options in malformed(canaries):
        assert say("POST", "events", body, **options)[0] in {400, 415}
    text = canaries.at("elsewhere").text
    assert say("POST", "mask", {"text": text})[0] == 200
    assert say("POST", "quality/assess", {"prompt": text, "response": text})[0] == 200
    assert say("POST", "erasures", {"user_id": canaries.at("erased user").person})[0] == 202
    for path in ("training-objections", "training-objections/lift", "training-objections"):
        assert say("POST", path, {"user_id": canaries.at("objecting user").person})[0] == 200
    for path, body in (("mask", {text: text}), ("erasures", {text: 1}), ("exports", {"format": text})):
        assert say("POST", path, body)[0] == 400
    installation.drain()

    jsonl, pairs = curate_and_export(installation, say)

    assert_nothing_leaked(installation, canaries)
    assert MASKED.encode() in jsonl
    assert MASKED.encode() in pairs
    assert MASKED.encode() in append_only_file(installation)
    assert b'"callbacks"' in task_bodies(installation)
    ((*masked, version, waiting),) = installation.query(
        "SELECT event.prompt, event.response, event.messages, event.tags, event.metadata,"
        " signal.edited_response, signal.comment, signal.value, signal.metadata, event.model_version_id, signal.waiting"
        " FROM feedback_event AS event JOIN feedback_signal AS signal ON signal.event_id = event.id"
        " WHERE event.id = %s AND signal.type = 'edit'",
        say("GET", f"events?deployment_id={DEPLOYMENT}")[1]["results"][-1]["id"],
    )
    assert [MASKED in str(value) for value in masked] == [True] * 9
    assert MASKED_LABEL in version
    assert waiting is False
    refused = installation.query(
        "SELECT kind, payload::text FROM feedback_rejecteditem WHERE deployment_id = %s ORDER BY kind", POISONED
    )
    assert [kind for kind, _ in refused] == ["event", "score", "signal"]
    assert [MASKED in payload for kind, payload in refused if kind != "score"] == [True, True]
    assert installation.query("SELECT DISTINCT version FROM feedback_qualityscore WHERE assessor = 'application'") == [
        ("[EMAIL]",)
    ]


def test_the_direct_way_into_the_database_leaks_nothing(installation, say, poison, canaries):
    installation.kill(VALKEY)
    try:
        sent = event(canaries, "direct event", external_id=None)
        stored, receipt = say("POST", "events", {"events": [sent, *refused_events(canaries)]})
        poisoned = say("POST", "events", event(canaries, "direct poison", deployment_id=POISONED))[0]
        signalled = say("POST", "signals", signal(canaries, "direct signal", "direct event"))[0]
        refused = say("POST", "signals", {"signals": refused_signals(canaries)})[0]
        installation.kill(POSTGRES)
        nowhere = say("POST", "events", event(canaries, "nowhere"))[0]
    finally:
        installation.start(*({POSTGRES, VALKEY} - installation.running.keys()))

    assert (stored, poisoned, signalled, refused, nowhere) == (207, 202, 202, 400, 503)
    assert_nothing_leaked(installation, canaries)
    prompt = installation.query("SELECT prompt FROM feedback_event WHERE id = %s", receipt["ids"][0])[0][0]
    assert prompt == f"{canaries.at('direct event: prompt').word}: {MASKED}"


@pytest.fixture
def broken_tables(installation):
    """The database fails with an error that quotes the prompt, whenever an event or an example is inserted."""
    installation.query(
        "CREATE FUNCTION fail_canary() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'broken' USING DETAIL = NEW.prompt, ERRCODE = '42501'; END $$"
    )
    for table in ("feedback_event", "curation_curatedexample"):
        installation.query(
            f"CREATE TRIGGER fail_canary BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fail_canary()"
        )
    yield
    installation.query("DROP FUNCTION fail_canary CASCADE")


def test_a_failure_of_the_database_is_logged_without_what_it_quotes(installation, say, worker, broken_tables, canaries):
    assert say("POST", f"deployments/{DEPLOYMENT}/curated-sets", {"name": "broken"})[0] == 202
    until(lambda: "broken" in installation.log(WORKER))
    waiting = say("POST", "events", event(canaries, "failing event"))[0]
    installation.drain()
    installation.kill(VALKEY)
    try:
        failed = say("POST", "events", event(canaries, "failing event"))[0]
    finally:
        installation.start(VALKEY)

    assert (waiting, failed) == (202, 500)
    assert ["broken" in installation.log(name) for name in (WEB, WRITER, WORKER)] == [True] * 3
    assert_nothing_leaked(installation, canaries)


def test_a_body_longer_than_announced_is_not_logged_as_the_next_request(installation, canaries):
    body = f'{{"prompt":"{canaries.at("overlong body").name}"}}\r\n\r\n'
    head = "POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {installation.key}\r\nContent-Length: 1\r\n\r\n"

    with socket.create_connection(("127.0.0.1", installation.port), timeout=30) as connection:
        connection.sendall(f"{head}{body}".encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert answer.count(b"HTTP/1.1 400 Bad Request") == 2
    assert installation.log(WEB).rstrip().endswith("Invalid request: Invalid HTTP request line")
    assert_nothing_leaked(installation, canaries)
