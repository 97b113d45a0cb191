"""Drift as CrucibleFeedback measures it, through the function, the API and the command."""

import json
from datetime import timedelta

import numpy as np
import pytest
from django.core.management import call_command

from drift.models import DriftReport
from drift.windows.window import InvalidWindow
from exports.crucible import detect_drift, get_drift_history
from feedback.models import Deployment
from tests.drift.factories import store_window
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def store(recent, baseline, **sides):
    """Events of two windows, the baseline just before."""
    of_recent = {name: values[0] for name, values in sides.items()}
    of_baseline = {name: values[1] for name, values in sides.items()}
    store_window("helpdesk", start_at=NOON, prompt_lengths=list(baseline), **of_baseline)
    store_window("helpdesk", start_at=NOON + timedelta(hours=1), prompt_lengths=list(recent), **of_recent)


@pytest.mark.parametrize(
    ("recent", "baseline", "ks", "psi", "drifted"),
    [
        (range(1, 101), range(1, 101), 0, 0, False),
        (range(1, 101), range(11, 111), 0.10000000000000009, 0.447022, True),
        (range(1, 101), range(51, 151), 0.5, 10.638184, True),
        ([5] * 50, [200] * 50, 1.0, 13.815496, True),
        ([13] * 50, [13] * 50, 0, 0, False),
        ([10, 20, 30, 40], [10, 20, 30, 50], 0.25, 3.107292, True),
        (range(10, 51, 10), range(30, 71, 10), 0.4, 7.323607, True),
        ([1, 1, 2, 3, 5, 8, 13], [1, 2, 2, 3, 5, 8, 21], 0.142857, 1.695645, True),
        ([1, 1, 2], [1, 2, 2], 0.333333, 0.231049, True),
        (range(1, 51), [*range(1, 50), 10_000], 0.02, 0.000404, False),
    ],
)
def test_statistical_drift_has_the_numbers_of_the_library(recent, baseline, ks, psi, drifted):
    store(recent, baseline)

    statistical, _, output = detect_drift("helpdesk", window_size=len(recent), profile="crucible")

    assert (statistical["detector"], statistical["drifted"]) == ("statistical", drifted)
    assert statistical["details"]["ks_statistic"] == pytest.approx(ks, abs=1e-6)
    assert statistical["details"]["psi"] == pytest.approx(psi, abs=1e-6)
    assert statistical["score"] == max(statistical["details"]["ks_statistic"], statistical["details"]["psi"])
    assert output["detector"] == "output"


@pytest.mark.parametrize(
    ("lengths", "quality", "length_change", "quality_change", "drifted"),
    [
        ((100, 110), (0.9, 0.85), 0.090909, 0.05, False),
        ((100, 125), (0.9, 0.9), 0.2, 0.0, False),
        ((100, 100), (None, 0.9), 0.0, 0.9, True),
        ((100, 0), (0.9, 0.9), 1.0, 0.0, True),
        ((0, 0), (0.9, 0.9), 0.0, 0.0, False),
    ],
)
def test_output_drift_has_the_numbers_of_the_library(lengths, quality, length_change, quality_change, drifted):
    n = 20
    sides = {
        "response_lengths": [[length] * n for length in lengths],
        "quality": [[score] * n for score in quality],
    }
    store([30] * n, [30] * n, **sides)

    output = detect_drift("helpdesk", window_size=n, profile="crucible")[2]

    assert output["details"]["length_change"] == pytest.approx(length_change, abs=1e-6)
    assert output["details"]["quality_change"] == pytest.approx(quality_change, abs=1e-6)
    assert (output["score"], output["drifted"]) == (
        pytest.approx(max(length_change, quality_change), abs=1e-6),
        drifted,
    )


def test_embedding_drift_is_the_distance_of_the_means():
    store([30] * 3, [30] * 3, vectors=np.array([[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]]))

    embedding = detect_drift("helpdesk", window_size=3, profile="crucible")[1]

    assert (embedding["detector"], embedding["score"], embedding["drifted"]) == ("embedding", 3.0, True)


@pytest.mark.parametrize("recent", [[5, 6, 7], []])
def test_an_empty_window_is_insufficient_data_and_no_drift(recent):
    Deployment.objects.create(pk="helpdesk")
    store(recent, [])

    statistical, _, output = detect_drift("helpdesk", window_size=3, profile="crucible")

    verdict = ("insufficient_data", False)
    assert [(one["verdict"], one["drifted"]) for one in (statistical, output)] == [verdict, verdict]


def test_small_windows_of_one_distribution_are_no_drift_by_default(rng):
    store(rng.normal(200, 50, 30).clip(1), rng.normal(200, 50, 30).clip(1))

    statistical = detect_drift("helpdesk", window_size=30, profile="crucible")[0]
    default = detect_drift("helpdesk", window_size=30)

    assert statistical["drifted"]
    assert [one["detector"] for one in default if one["drifted"]] == []
    assert {one["verdict"] for one in default if one["detector"] == "prompt_length"} == {"insufficient_data"}


@pytest.mark.parametrize("profile", ["standard", "crucible"])
def test_function_call_and_command_store_the_same_report(api, running_tasks, rng, capsys, profile):
    store(rng.integers(60, 90, 60), rng.integers(20, 40, 60))

    detect_drift("helpdesk", window_size=60, profile=profile)
    call_command("detect_drift", "helpdesk", window_size=60, profile=profile)
    with running_tasks():
        body = {"window_size": 60, "profile": profile}
        assert api.post("/api/v1/deployments/helpdesk/drift", body, format="json").status_code == 202

    one, two, three = DriftReport.objects.order_by("pk")
    assert one.metrics == two.metrics == three.metrics
    assert one.resolved_windows == two.resolved_windows == three.resolved_windows
    assert capsys.readouterr().out.startswith(f"Drift report {two.pk} of helpdesk: {two.verdict}")


def test_the_history_has_the_reports_newest_first(capsys):
    store([40] * 30, [20] * 30)
    first = detect_drift("helpdesk", window_size=30, profile="crucible")
    second = detect_drift("helpdesk", window_size=20)

    history = get_drift_history("helpdesk")
    call_command("drift_history", "helpdesk", limit=1)

    assert [(report["profile"], report["results"]) for report in history] == [("standard", second), ("crucible", first)]
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == history[:1]
    assert get_drift_history("shop") == []


@pytest.mark.parametrize("size", [0, 10**12 + 1])
def test_a_window_out_of_range_is_rejected_and_leaves_no_report(size):
    Deployment.objects.create(pk="helpdesk")

    with pytest.raises(InvalidWindow, match="window_size must be from 1"):
        detect_drift("helpdesk", window_size=size)

    assert not DriftReport.objects.exists()


def test_drift_of_an_unknown_deployment_is_an_error():
    with pytest.raises(Deployment.DoesNotExist):
        detect_drift("helpdesk")
