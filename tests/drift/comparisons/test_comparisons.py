import numpy as np
import pytest

from feedback.choices import SignalType
from feedback.models import Evidence, QualityScore
from tests.drift.comparisons.arms import store_arm
from tests.drift.factories import BaselineFactory
from tests.factories import NOON, DeploymentFactory, SignalFactory

pytestmark = pytest.mark.django_db
RUN = "/api/v1/deployments/helpdesk/comparisons"


def compare(api, running_tasks, **body):
    with running_tasks():
        answer = api.post(RUN, {"a": "v1", "b": "v2", **body}, format="json")
    assert answer.status_code == 202, answer.json()
    assert answer.json()["status"] == "running"
    return api.get(f"/api/v1/comparisons/{answer.json()['id']}").json()


def pair(found, name):
    (outcome,) = [one for one in found["results"] if one["name"] == name]
    return outcome["pairs"][0]


@pytest.fixture
def latencies(rng):
    slow, fast = rng.lognormal(6, 0.5, 300), rng.lognormal(5.5, 0.5, 300)
    store_arm("v1", 300, latency_ms=lambda i: slow[i], user_hash=lambda i: f"a{i // 3}")
    store_arm("v2", 300, latency_ms=lambda i: fast[i], user_hash=lambda i: f"b{i // 3}", start=1_000)


@pytest.mark.usefixtures("latencies")
def test_a_comparison_is_accepted_at_once_and_completed_by_a_worker(api, running_tasks):
    found = compare(api, running_tasks, outcomes=["latency_ms", "quality"])

    assert (found["status"], found["a"], found["b"]) == (
        "completed",
        {"model_version_id": "v1"},
        {"model_version_id": "v2"},
    )
    assert (found["names"], found["n"]) == (["v1", "v2"], [300, 300])
    assert [count["users"] for count in found["counts"]] == [100, 100]
    latency = pair(found, "latency_ms")
    assert (latency["finding"], latency["better"], latency["test"]) == ("lower", 1, "clustered_t")
    assert "clustered by user" in latency["reason"]
    assert latency["p_value"] < 1e-6
    assert latency["difference_interval"][0] < latency["difference"] < latency["difference_interval"][1] < 0
    assert [effect["name"] for effect in latency["effects"]] == [
        "cohens_d",
        "hedges_g",
        "glass_delta",
        "cliffs_delta",
    ]
    assert pair(found, "quality")["problem"] == "An arm has no values."
    assert found["verdict"] == "v2 against v1: better by latency; cannot be compared by score of the checks."


@pytest.mark.usefixtures("latencies")
def test_the_list_has_the_newest_first_without_results(api, running_tasks):
    first = compare(api, running_tasks, outcomes=["latency_ms"])
    second = compare(api, running_tasks, outcomes=["latency_ms"])

    listed = api.get(RUN).json()["results"]

    assert [one["id"] for one in listed] == [second["id"], first["id"]]
    assert "results" not in listed[0]
    assert listed[0]["verdict"] == "v2 against v1: better by latency."


def test_every_kind_of_outcome_is_read(api, running_tasks):
    for version in ("v1", "v2"):
        events = store_arm(
            version, 30, quality_score=0.5, cost_usd=lambda i: i, metadata=lambda i: {"turns": i, "solved": i % 2 == 0}
        )
        for i, event in enumerate(events):
            value = i + (30 if version == "v2" else 0)
            for assessor, name, checks in (
                ("checks", "quality", [{"name": "length", "score": value / 60, "details": {}, "version": "1"}]),
                ("application", "tone", []),
                ("judge:strict", "tip-v1", []),
                ("people", "tip-v1", []),
            ):
                QualityScore.objects.create(
                    event_id=event.pk,
                    assessor=assessor,
                    name=name,
                    profile="default",
                    raw=value,
                    score=value / 60,
                    checks=checks,
                )
            SignalFactory(event_id=event.pk, type=SignalType.RATING, value=value, slot="rating")
            if version == "v2":
                SignalFactory(event_id=event.pk, type=SignalType.COPY)
            Evidence.objects.create(
                event_id=event.pk,
                deployment_id="helpdesk",
                model_version_id=version,
                occurred_at=event.occurred_at,
                state="good",
                up=value,
                down=60 - value,
                users=60,
                approval=(value + 0.5) / 61,
                p_good=value / 60,
                weights_version="1",
            )
    names = ["approval", "p_good", "check.length", "score.tone", "judge.strict", "people.tip-v1", "rating"]

    found = compare(
        api, running_tasks, outcomes=[*names, "signal.copy", "quality", "cost_usd", "metadata.turns", "metadata.solved"]
    )

    assert {one["name"]: one["pairs"][0]["finding"] for one in found["results"]} == {
        **dict.fromkeys([*names, "signal.copy"], "higher"),
        "quality": "equivalent",
        "cost_usd": "unclear",
        "metadata.turns": "unclear",
        "metadata.solved": "unclear",
    }
    assert [one["name"] for one in found["results"] if one["is_share"]] == ["signal.copy", "metadata.solved"]
    assert pair(found, "score.tone")["difference"] == 30


def test_arms_by_experiment_segment_time_and_count(api, running_tasks):
    store_arm("v1", 40, experiment=lambda i: "short" if i % 2 else "", latency_ms=lambda i: i)
    store_arm("v1", 60, start=100, metadata=lambda i: {"plan": "pro" if i < 25 else 7, "vip": i < 30}, latency_ms=5)
    arms = [
        {"experiment": "short"},
        {"segment": "plan=pro"},
        {"model_version_id": "v1", "last_events": 10, "skip": 4},
        {"from": NOON.isoformat(), "to": "2026-05-04T12:00:01Z"},
    ]

    with running_tasks():
        answer = api.post(RUN, {"arms": arms, "outcomes": ["latency_ms"]}, format="json")

    found = api.get(f"/api/v1/comparisons/{answer.json()['id']}").json()
    assert (found["n"], found["status"]) == ([20, 25, 10, 1], "completed"), found["error"]
    assert found["results"][0]["overall"]["problem"] == "An arm has only one value."
    assert found["names"][:2] == ["short", "plan=pro"]


def test_three_arms_have_a_test_of_all_and_pairs_with_the_first(api, running_tasks, rng):
    for k, version in enumerate(("v1", "v2", "v3")):
        drawn = rng.normal(100 + 20 * (k == 2), 10, 80)
        store_arm(version, 80, latency_ms=lambda i, drawn=drawn: drawn[i], start=1_000 * k)

    with running_tasks():
        answer = api.post(RUN, {"arms": ["v1", "v2", "v3"], "outcomes": ["latency_ms"]}, format="json")

    (outcome,) = api.get(f"/api/v1/comparisons/{answer.json()['id']}").json()["results"]
    assert (outcome["overall"]["test"], outcome["overall"]["p_value"] < 1e-9) == ("welch_anova", True)
    assert [one["finding"] for one in outcome["pairs"]] == ["unclear", "higher"]
    assert outcome["pairs"][1]["adjusted_p_value"] == pytest.approx(2 * outcome["pairs"][1]["p_value"])


def test_answers_to_the_same_prompts_are_paired_and_shown_side_by_side(api, running_tasks, rng):
    base = rng.normal(100, 30, 60)
    columns = {"prompt": lambda i: f"question {i}"}
    before = store_arm("v1", 60, latency_ms=lambda i: base[i] + 50, **columns)
    after = store_arm("v2", 60, latency_ms=lambda i: base[i] - 10 + (200 if i == 7 else i % 5), start=100, **columns)

    found = compare(api, running_tasks, outcomes=["latency_ms"])

    assert pair(found, "latency_ms")["test"] in ("paired_t", "wilcoxon", "sign")
    shown = found["results"][0]["examples"]
    assert shown[0]["events"] == [str(before[7].pk), str(after[7].pk)]
    assert shown[0]["difference"] == pytest.approx(140)
    assert [one["difference"] < 0 for one in shown] == [False, True, True, True]


def test_segments_are_compared_one_by_one(api, running_tasks, rng):
    DeploymentFactory(id="helpdesk", segment_keys=["plan"])
    for version, slower in (("v1", 0), ("v2", 80)):
        drawn = rng.normal(200, 20, 200)
        store_arm(
            version,
            200,
            metadata=lambda i: {"plan": "pro" if i < 100 else "free" if i < 190 else f"rare {i}"},
            latency_ms=lambda i, drawn=drawn, slower=slower: drawn[i] + (slower if i < 100 else 0),
        )

    found = compare(api, running_tasks, outcomes=["latency_ms"], segments=["plan"])

    (by_plan,) = found["results"][0]["segments"]
    assert [(row["segment"], row["finding"]) for row in by_plan["rows"]] == [
        ("plan=pro", "higher"),
        ("plan=free", "unclear"),
    ]
    assert by_plan["too_small"] == 10


def test_ten_thousand_segments_are_bounded(rng):
    from drift.bench.samples import sample_of  # noqa: PLC0415
    from drift.comparisons.segments import by_segment  # noqa: PLC0415

    names = np.array([f"u{i % 10_000}" for i in range(60_000)])
    samples = [sample_of(rng.normal(size=60_000)) for _ in range(2)]

    found = by_segment(samples, [names, names], "user", rng)

    assert (found["rows"], found["too_small"]) == ([], 10_000)


def test_arms_with_common_events_fail_with_the_reason(api, running_tasks):
    store_arm("v1", 5, experiment="short", latency_ms=3)

    found = compare(api, running_tasks, b={"experiment": "short"}, outcomes=["latency_ms"])

    assert (found["status"], found["error"]) == (
        "failed",
        "v1 and short share 5 events; choose arms without common events.",
    )


def test_a_test_that_does_not_suit_fails_with_the_reason(api, running_tasks):
    store_arm("v1", 5, latency_ms=lambda i: i)
    store_arm("v2", 5, latency_ms=lambda i: i)

    found = compare(api, running_tasks, outcomes=["latency_ms"], test="fisher")

    assert found["error"] == "The test fisher cannot be used: the values are not all 0 or 1."


def test_an_arm_without_events_completes(api, running_tasks):
    store_arm("v1", 5, latency_ms=3)

    found = compare(api, running_tasks)

    assert (found["status"], found["n"]) == ("completed", [5, 0])
    assert {one["pairs"][0]["finding"] for one in found["results"]} == {"impossible"}


def test_a_baseline_is_an_arm_of_its_stored_events(api, running_tasks):
    events = store_arm("v1", 20, latency_ms=1)
    store_arm("v2", 20, latency_ms=2, start=100)
    window = {"source": "events", "n": 10, "first_id": str(events[0].pk), "last_id": str(events[9].pk)}
    span = {"first_at": events[0].occurred_at.isoformat(), "last_at": events[9].occurred_at.isoformat()}
    BaselineFactory(name="release", n=10, resolved_window=window | span)

    found = compare(api, running_tasks, a={"baseline": "release"}, outcomes=["latency_ms"])

    assert (found["n"], found["names"]) == ([10, 20], ["baseline release", "v2"])
