"""What every adapter of trainers does, each with a real trainer behind it."""

import pytest

from exports.choices import RunStatus
from exports.training.adapters.base import Observed, TrainerFailed
from tests.exports.training.cases import CASES, eventually, hand_off


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.slow if name == "mlflow" else ()) for name in CASES])
def case(request, settings, tmp_path):
    with CASES[request.param](request, settings, tmp_path) as found:
        yield found


def test_a_usable_adapter_has_no_problems(case):
    assert list(case.adapter.validate()) == []
    assert case.adapter.is_supervised in (True, False)


def test_a_run_is_started_once_however_often_it_is_handed_over(case, tmp_path):
    handed_over = hand_off(7, folder=tmp_path)

    first = case.adapter.start(handed_over)
    again = case.adapter.start(handed_over)

    assert first.status in (RunStatus.PENDING, RunStatus.RUNNING)
    assert again == first
    eventually(case.starts)
    assert case.starts() == [7]


def test_a_started_run_is_observed_or_reports_by_itself(case, tmp_path):
    handed_over = hand_off(7, folder=tmp_path)
    case.adapter.start(handed_over)

    observed = case.adapter.poll(handed_over)

    assert observed is None or isinstance(observed, Observed)
    assert observed is None or observed.status in (RunStatus.PENDING, RunStatus.RUNNING)


def test_a_cancelled_run_is_stopped_and_others_are_not(case, tmp_path):
    for run_id in (7, 8):
        case.adapter.start(hand_off(run_id, folder=tmp_path))
    eventually(lambda: sorted(case.starts()) == [7, 8])

    case.adapter.cancel(hand_off(7, folder=tmp_path, key=""))
    case.adapter.cancel(hand_off(7, folder=tmp_path, key=""))

    eventually(case.stops)
    assert case.stops() == [7]
    other = case.adapter.poll(hand_off(8, folder=tmp_path))
    assert other is None or other.status in (RunStatus.PENDING, RunStatus.RUNNING)


def test_the_cancellation_of_an_unknown_run_is_no_error(case, tmp_path):
    case.adapter.cancel(hand_off(9, folder=tmp_path, key=""))

    assert case.starts() == []


def test_a_trainer_that_cannot_be_reached_is_a_failure_with_a_sentence(case, tmp_path):
    with pytest.raises(TrainerFailed, match=r"\.$"):
        case.unreachable.start(hand_off(7, folder=tmp_path))

    assert case.starts() == []


def test_a_key_is_not_shown_in_tracebacks_and_logs(tmp_path):
    assert "cf_secret" not in repr(hand_off(folder=tmp_path))
