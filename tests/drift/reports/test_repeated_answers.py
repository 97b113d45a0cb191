"""A version that begins to give one answer to many prompts is a change."""

from datetime import timedelta

import pytest

from drift.choices import Verdict
from drift.measures.verdicts import VerdictParameters
from drift.models import DriftReport
from drift.reports import comparison, detection
from drift.windows.data import WindowData
from feedback.embeddings import filling
from feedback.measures.repeats import SampledAnswer
from feedback.models import SampledEvent
from tests.factories import NOON
from tests.feedback.evidence.keeping.sent import event, send

RUN = "/api/v1/deployments/helpdesk/drift"
CONSTANT = "Please contact our support team, they will gladly help you."
BY_COUNT = {"reference": {"last_events": 120, "skip": 120}, "current": {"last_events": 120}}
BY_HOURS = {
    "reference": {"from": (NOON - timedelta(hours=1)).isoformat(), "to": NOON.isoformat()},
    "current": {"from": NOON.isoformat(), "to": (NOON + timedelta(hours=1)).isoformat()},
}


def sample(n, repeated, *, version="v1"):
    """n answers to n prompts, of which `repeated` are the same."""
    keys = [b"same"] * repeated + [str(index).encode() for index in range(n - repeated)]
    return [SampledAnswer(version, str(index).encode(), key, 60, NOON) for index, key in enumerate(keys)]


def compared(reference, current):
    sides = [WindowData({"": {}}, answers=answers) for answers in (reference, current)]
    found = comparison.compare(*sides, parameters=VerdictParameters(), seed=0)
    return next((one.result for one in found if one.result.name == "repeated_answers"), None)


@pytest.mark.parametrize(
    ("reference", "current", "verdict", "effect"),
    [
        (sample(400, 0), sample(400, 200), Verdict.DRIFTING, 0.5),
        (sample(400, 200), sample(400, 0), Verdict.DRIFTING, -0.5),
        (sample(400, 200), sample(400, 200, version="v2"), Verdict.OK, 0.0),
        # Below 20 prompts in the smaller sample, and as frequent as in the larger one.
        (sample(1_000, 100), sample(100, 10), Verdict.OK, 0.0),
        (sample(400, 200), sample(49, 0), Verdict.INSUFFICIENT_DATA, None),
    ],
    ids=["begins", "ends", "stays", "small_sample", "too_few"],
)
def test_the_share_of_repeated_answers_is_compared(reference, current, verdict, effect):
    found = compared(reference, current)

    assert (found.verdict, found.effect) == (verdict, effect)
    assert (found.n_reference, found.n_current) == (len(reference), len(current))


def test_without_repeated_answers_there_is_nothing_to_compare():
    assert compared(sample(400, 19), sample(400, 0)) is None


@pytest.mark.parametrize("windows", [BY_COUNT, BY_HOURS], ids=["by_count", "by_hours"])
def test_a_report_compares_the_sampled_answers_of_its_windows(api, write_all, running_tasks, time_machine, windows):
    time_machine.move_to(NOON + timedelta(minutes=50))
    earlier = (NOON - timedelta(minutes=30)).isoformat()
    send(api, "events", *(event(number, occurred_at=earlier) for number in range(120)))
    send(api, "events", *(event(number, response=CONSTANT) for number in range(120, 240)))
    write_all()

    with running_tasks():
        answer = api.post(RUN, windows, format="json")
    report = api.get(f"/api/v1/drift-reports/{answer.json()['id']}").json()

    metric = next(metric for metric in report["metrics"] if metric["name"] == "repeated_answers")
    assert metric["sentence"].startswith("Repeated answers: 0.0% → 100.0%, +100.0 points")
    assert (metric["verdict"], metric["n_reference"], metric["n_current"]) == ("drifting", 120, 120)
    again = detection.recompute(DriftReport.objects.get(pk=report["id"]))
    assert [one.result.effect for one in again if one.result.name == "repeated_answers"] == [1.0]
    assert (filling.embed_sample(), SampledEvent.objects.keyed().count()) == (0, 240)
