"""From requests over the API to a report: every watched metric, segments, and embeddings, in two stores."""

from datetime import timedelta

import pytest
import time_machine

from drift import tasks
from feedback.embeddings import clients
from tests.factories import NOON, DeploymentFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ANSWERS = (
    "You can change it on the settings page; the link is under **Security**, next to the name.",
    "I'm sorry, but I can't help with that request. Please ask somebody at the desk.",
)


def event(place, *, at, refused, plan="team", version="v1"):
    return {
        "deployment_id": "helpdesk",
        "model_version_id": version,
        "prompt": f"How do I change my password number {place}?",
        "response": ANSWERS[refused],
        "latency_ms": 300 + place,
        "prompt_tokens": 10,
        "completion_tokens": 20,
        "cost_usd": 0.002,
        "finish_reason": "stop",
        "occurred_at": (at + timedelta(seconds=place)).isoformat(),
        "metadata": {"plan": plan},
    }


@pytest.fixture
def traffic(api, write_all):
    """Sixty events, of which every third is refused on the second day; the plan `free` is where."""
    DeploymentFactory(id="helpdesk")
    with time_machine.travel(NOON - DAY, tick=True):
        api.patch("/api/v1/deployments/helpdesk", {"segment_keys": ["plan"]}, format="json")
    with time_machine.travel(NOON + DAY + timedelta(hours=2), tick=True):
        for day in (0, 1):
            for plan, refusals in (("free", 2), ("team", 61)):
                batch = [
                    event(k, at=NOON + day * DAY, refused=day and k % refusals == 1, plan=plan, version=f"v{day + 1}")
                    for k in range(60)
                ]
                sent = api.post("/api/v1/events", {"events": batch}, format="json").json()["ids"]
                write_all()
                signals = [{"event_id": one, "type": "thumbs_up" if day == 0 else "thumbs_down"} for one in sent]
                api.post("/api/v1/signals", {"signals": signals}, format="json")
                write_all()


def run(api, running_tasks, body):
    with running_tasks():
        answer = api.post("/api/v1/deployments/helpdesk/drift", body, format="json")
    assert answer.status_code == 202, answer.json()
    return api.get(f"/api/v1/drift-reports/{answer.json()['id']}").json()


VERSIONS = {"reference": {"model_version_id": "v1"}, "current": {"model_version_id": "v2"}}
COUNTS = {"reference": {"last_events": 120, "skip": 120}, "current": {"last_events": 120}}
WATCHED = {
    *("quality", "prompt_length", "response_length", "latency_ms", "prompt_tokens", "completion_tokens"),
    *("total_tokens", "cost_usd", "refusal", "format", "finish_reason", "language", "prompt_language"),
    *("check.format", "check.length", "check.refusal", "check.repetition", "metadata.plan", "signal.thumbs_up"),
    *("prompt_embedding", "response_embedding"),
    *("present.latency_ms", "present.prompt_tokens", "present.completion_tokens", "present.total_tokens"),
    *("present.cost_usd", "present.finish_reason", "present.model_version_id"),
}
# A window of one version cannot lack it.
OF_COUNTS_ALONE = "present.model_version_id"


def shown(report):
    return {
        (metric["segment"], metric["name"]): (metric["verdict"], metric["p_value"], metric["before"], metric["after"])
        for metric in report["metrics"]
        if "embedding" not in metric["name"] and metric["name"] != OF_COUNTS_ALONE
    }


def test_everything_is_watched_and_versions_and_counts_say_the_same(api, running_tasks, traffic):
    by_version, by_count = (run(api, running_tasks, body) for body in (VERSIONS, COUNTS))

    assert by_version["resolved_windows"]["current"]["source"] == "rollups"
    assert by_count["resolved_windows"]["current"]["source"] == "events"
    assert shown(by_version) == shown(by_count)
    metrics = {metric["name"]: metric for metric in by_count["metrics"]}
    assert metrics.keys() >= WATCHED
    described = [name for name in metrics if name.startswith(("prompt.", "response."))]
    assert len(described) == 36
    assert metrics["refusal"]["sentence"].startswith("Refusals: ")
    assert metrics["refusal"]["verdict"] == "drifting"
    assert metrics["signal.thumbs_up"]["sentence"].startswith("Thumbs up: 100.0% → 0.0%, -100.0 points")
    assert metrics["metadata.plan"]["after"] == {"n": 120, "shares": {"free": 0.5, "team": 0.5}}
    assert metrics["prompt_embedding"]["n_current"] == metrics["response_embedding"]["n_current"] == 120
    assert (metrics["latency_ms"]["verdict"], metrics["cost_usd"]["after"]["mean"]) == ("ok", 2.0)


@pytest.mark.parametrize("windows", [VERSIONS, COUNTS])
def test_segments_say_where_it_happens(api, running_tasks, traffic, windows):
    report = run(api, running_tasks, {**windows, "segments": ["plan"]})

    refusals = {metric["segment"]: metric for metric in report["metrics"] if metric["name"] == "refusal"}
    assert {segment: metric["verdict"] for segment, metric in refusals.items()} == {
        "": "drifting",
        "plan=free": "drifting",
        "plan=team": "ok",
    }
    assert refusals["plan=free"]["n_current"] == 60
    assert not [metric for metric in report["metrics"] if metric["segment"] and metric["name"].startswith("response.")]


def test_a_report_says_that_nothing_was_compared_within_a_segment(api, running_tasks, traffic):
    report = run(api, running_tasks, {**VERSIONS, "segments": ["plan", "prompt_version"]})

    assert report["notes"] == [
        "No value of prompt_version has enough events in both windows for a comparison of its own.",
        "Based on these two windows only; earlier reports are not considered.",
    ]


def test_text_features_are_reported_with_units(api, running_tasks, traffic):
    metrics = {metric["name"]: metric["sentence"] for metric in run(api, running_tasks, COUNTS)["metrics"]}

    said = [metrics[f"response.{name}"].split(", ")[0] for name in ("words", "word_length", "capitals", "bold")]
    assert said == [
        "Response words: mean 17.0 → 16.5 words",
        "Response word length: mean 4.29 → 4.30 characters",
        "Response capitals: mean 2.25 → 2.64 % of the characters",
        "Response bold passages: mean 1.00 → 0.74 passages",
    ]


def test_an_unknown_segment_key_is_rejected(api):
    DeploymentFactory(id="helpdesk")

    answer = api.post("/api/v1/deployments/helpdesk/drift", {"segments": ["country"]}, format="json")

    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {
            "field": "segments",
            "code": "unknown_segment",
            "message": "Unknown segment key country; available: model_version_id, prompt_version.",
        }
    ]


class Away:
    name, version = "away", "1"

    def embed(self, texts):
        raise ConnectionError("the service is away")


class Talkative:
    name, version = "talkative", "1"

    def embed(self, texts):
        raise ValueError("\0\ud800" + " ".join(texts) * 9)


def test_the_error_of_a_failing_client_is_truncated_and_stored(api, running_tasks, traffic, settings):
    settings.EMBEDDING_CLIENT = f"{__name__}.Talkative"
    clients.embedding_client.cache_clear()
    try:
        report = run(api, running_tasks, COUNTS)
    finally:
        clients.embedding_client.cache_clear()

    said = next(metric["sentence"] for metric in report["metrics"] if metric["name"] == "response_embedding")
    assert (report["status"], len(said)) == ("completed", 266)
    assert said.startswith("Response embeddings: the embedding client failed: ValueError: \\ud800How do I")


@pytest.mark.parametrize("profile", ["standard", "crucible"])
def test_an_embedding_client_that_fails_is_an_error_and_not_no_drift(api, running_tasks, traffic, settings, profile):
    settings.EMBEDDING_CLIENT = f"{__name__}.Away"
    clients.embedding_client.cache_clear()
    try:
        report = run(api, running_tasks, {**COUNTS, "profile": profile})
    finally:
        clients.embedding_client.cache_clear()

    found = {metric["verdict"]: metric for metric in report["metrics"] if "embedding" in metric["name"]}
    assert list(found) == ["error"]
    assert found["error"]["sentence"].startswith(
        "Prompt embeddings: the embedding client failed: ConnectionError: the service is away"
        if profile == "crucible"
        else "Response embeddings: the embedding client failed"
    )
    assert report["status"] == "completed"


def test_the_memory_store_gives_the_same_report(settings, running_tasks, api, write_all):
    settings.EVENT_STORE = "memory"
    DeploymentFactory(id="helpdesk")
    with time_machine.travel(NOON + DAY + timedelta(hours=2), tick=True):
        for day in (0, 1):
            batch = [event(k, at=NOON + day * DAY, refused=day and k % 2, version=f"v{day + 1}") for k in range(60)]
            api.post("/api/v1/events", {"events": batch}, format="json")
            write_all()

    reports_of = [
        run(api, running_tasks, body)
        for body in (VERSIONS, {"reference": {"last_events": 60, "skip": 60}, "current": {"last_events": 60}})
    ]

    assert shown(reports_of[0]) == shown(reports_of[1])
    assert [report["verdict"] for report in reports_of] == ["drifting", "drifting"]
    assert [report["n_current"] for report in reports_of] == [60, 60]


def test_history_is_not_empty_after_a_scheduled_run(api, running_tasks, traffic):
    with running_tasks():
        tasks.detect_all_drift()

    reports = api.get("/api/v1/deployments/helpdesk/drift").json()["results"]
    assert [(report["is_scheduled"], report["segments"]) for report in reports] == [(True, ["plan"])]
