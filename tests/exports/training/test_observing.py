"""What a trainer that does not report by itself says of its run."""

from datetime import UTC, datetime

import pytest

from exports import tasks
from exports.choices import RunStatus
from exports.models import TrainerCall, TrainingRun
from exports.training import runs
from exports.training.adapters.base import Observed, TrainerFailed
from exports.training.handover import keys
from feedback.models import Deployment
from tests.exports.factories import TrainingRunFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SAID = []


class Polled:
    """A trainer that says what the test says."""

    is_supervised = False

    def validate(self):
        return []

    def start(self, hand_off):
        return Observed(RunStatus.PENDING)

    def poll(self, hand_off):
        said = SAID.pop(0)
        if isinstance(said, Exception):
            raise said
        return said

    def cancel(self, hand_off):
        return None


@pytest.fixture
def run(settings):
    settings.TRAINERS = {"tracked": {"adapter": f"{__name__}.Polled"}}
    run = TrainingRunFactory(trainer="tracked")
    TrainerCall.objects.create(run=run, action="start", status="delivered", next_attempt_at=None, finished_at=NOON)
    return run


def observe(run, *said):
    SAID[:] = said
    for _ in said:
        tasks.sweep_trainers()
    return TrainingRun.objects.get(pk=run.pk)


def test_a_run_starts_and_its_metrics_are_kept_by_epoch(run):
    found = observe(
        run,
        Observed(RunStatus.PENDING, external_url="https://mlflow.example.org/#/runs/1"),
        Observed(RunStatus.RUNNING, metrics={"loss": 0.9}, epoch=1),
        Observed(RunStatus.RUNNING, metrics={"loss": 0.9}, epoch=1),
        Observed(RunStatus.RUNNING, metrics={"loss": float("nan"), "accuracy": 0.5}, epoch=2),
    )

    assert (found.status, found.current_epoch) == ("running", 2)
    assert found.external_url == "https://mlflow.example.org/#/runs/1"
    assert found.metrics_history == [{"epoch": 1, "loss": 0.9}, {"epoch": 2, "accuracy": 0.5}]


@pytest.mark.parametrize(
    ("said", "status", "version", "error"),
    [
        (Observed(RunStatus.COMPLETED, model_version="bot-2.0.0"), "completed", "bot-2.0.0", ""),
        (Observed(RunStatus.COMPLETED), "failed", "", "The trainer ended without a model version. Report one before"),
        (Observed(RunStatus.FAILED, error="It diverged."), "failed", "", "It diverged."),
        (Observed(RunStatus.FAILED), "failed", "", "The trainer gave no reason."),
        (Observed(RunStatus.CANCELLED), "cancelled", "", "The trainer ended the run."),
    ],
)
def test_an_end_is_the_end_of_the_run(run, said, status, version, error):
    found = observe(run, said)

    assert (found.status, found.final_model_version) == (status, version)
    assert found.error_message.startswith(error)
    assert bool(found.error_message) == bool(error)


@pytest.mark.parametrize("said", [TrainerFailed("It is away.", is_temporary=True), ZeroDivisionError()])
def test_a_trainer_that_cannot_be_asked_is_asked_again(run, said):
    found = observe(run, said, Observed(RunStatus.RUNNING))

    assert (found.status, SAID) == ("running", [])


def test_a_run_that_is_over_is_not_asked_about(run):
    observe(run, Observed(RunStatus.FAILED, error="It diverged."))
    SAID[:] = [Observed(RunStatus.RUNNING)]

    tasks.sweep_trainers()

    assert len(SAID) == 1


def test_a_trainer_that_this_process_does_not_know_is_left_to_others(run, settings):
    known, settings.TRAINERS = settings.TRAINERS, {}
    before = observe(run, Observed(RunStatus.RUNNING))
    settings.TRAINERS = known

    after = observe(run, Observed(RunStatus.RUNNING))

    assert (before.status, before.error_message, after.status) == ("pending", "", "running")


@pytest.mark.parametrize("version", ["x" * 256, "bot-\0"])
def test_a_version_that_cannot_be_stored_fails_its_run(run, version):
    found = observe(run, Observed(RunStatus.COMPLETED, model_version=version))

    assert (found.status, found.final_model_version) == ("failed", "")
    assert found.error_message == (
        "The trainer ended with a model version that cannot be stored: "
        "it has more than 255 characters or a NUL character."
    )


def test_what_a_run_cannot_hold_is_left_out(run, monkeypatch):
    monkeypatch.setattr(runs, "MOST_EPOCHS", 1)
    found = observe(
        run,
        Observed(
            RunStatus.RUNNING,
            metrics={"loss": 0.9, "\0": 1.0},
            epoch=1,
            external_url="https://a.example/" + "x" * 3_000,
        ),
        Observed(RunStatus.RUNNING, metrics={"loss": 0.8}, epoch=2),
        Observed(RunStatus.FAILED, metrics={"loss": 0.7}, epoch=3, error="It \0diverged."),
    )

    assert (found.status, found.error_message) == ("failed", "It diverged.")
    assert found.metrics_history == [{"epoch": 1, "loss": 0.9}]
    assert found.external_url == "https://a.example/" + "x" * 2_030


def test_a_run_that_cannot_be_stored_stops_neither_the_others_nor_the_end_of_keys(run):
    other = TrainingRunFactory(deployment=Deployment.objects.create(pk="shop"), trainer="tracked")
    TrainerCall.objects.create(run=other, action="start", status="delivered", next_attempt_at=None, finished_at=NOON)
    for each in (run, other):
        keys.issue(each.pk)
    SAID[:] = [Observed(RunStatus.RUNNING, metrics={"loss": "low"}), Observed(RunStatus.FAILED, error="It diverged.")]

    tasks.sweep_trainers()

    assert SAID == []
    found = [(each.status, each.key.revoked_at is None) for each in TrainingRun.objects.select_related("key")]
    assert found == [("running", True), ("failed", False)]
