"""A training is recorded: counts start again, the baseline moves, firings close and the version is registered."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from drift.models import Baseline, TrainingMark, TriggerFiring
from drift.triggers import training
from exports.models import ModelVersion, TrainingRun
from exports.training import completing
from tests.drift.factories import TriggerEvaluationFactory, TriggerFiringFactory, store_window
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import NOON, DeploymentFactory
from tests.feedback.factories import IngestCountFactory

HOUR = timedelta(hours=1)
URL = "/api/v1/deployments/helpdesk/trained"


@pytest.fixture(autouse=True)
def helpdesk(db, time_machine):
    time_machine.move_to(NOON + 5 * HOUR, tick=False)
    return DeploymentFactory(id="helpdesk")


def receive(count, *, at, version=""):
    store_window("helpdesk", start_at=at, prompt_lengths=[10] * count, version=version)
    IngestCountFactory(deployment_id="helpdesk", kind="event", stored=count, hour_at=at.replace(minute=0))


def published(*, example=None, **fields):
    curated_set = approved_set(
        [example or {}], **{"read_at": NOON + 2 * HOUR, "events_before": 20, "source_from": NOON, **fields}
    )
    return ExportBatchFactory(
        curated_set=curated_set, status="published", rows=1, bytes=1, sha256="a" * 64, published_at=NOON + 3 * HOUR
    )


def since_last():
    return training.events_since_last("helpdesk", at_least=1).count


def test_what_the_set_of_the_export_had_not_read_is_new_data(api):
    receive(20, at=NOON)
    receive(7, at=NOON + 3 * HOUR)

    answer = api.post(URL, {"export": published().pk, "model_version_id": "bot-2"}, format="json")

    assert answer.status_code == 201
    assert answer.json()["mark"] == {"marked_at": "2026-05-04T14:00:00Z", "events_before": 20}
    assert since_last() == 7


def test_the_baseline_is_all_traffic_of_the_window_of_the_set(api):
    events = store_window("helpdesk", start_at=NOON, prompt_lengths=[10] * 20)
    receive(7, at=NOON + 3 * HOUR)
    batch = published(example={"event_id": events[0].pk})

    found = api.post(URL, {"export": batch.pk}, format="json").json()["baseline"]

    assert (found["name"], found["version"], found["n"]) == ("training", 1, 20)
    assert found["window"] == {"from": "2026-05-04T12:00:00+00:00", "to": "2026-05-04T14:00:00+00:00"}


@pytest.mark.parametrize(("most", "n"), [(100, 23), (10, 20)])
def test_many_events_are_read_in_whole_hours_that_were_over(api, monkeypatch, most, n):
    monkeypatch.setattr(completing, "MAX_EVENTS", most)
    receive(20, at=NOON)
    receive(3, at=NOON + 2 * HOUR)
    receive(7, at=NOON + 2 * HOUR + HOUR / 2)

    batch = published(read_at=NOON + 2 * HOUR + HOUR / 4)

    assert api.post(URL, {"export": batch.pk}, format="json").json()["baseline"]["n"] == n


def test_a_set_with_an_end_has_a_baseline_up_to_it(api):
    receive(20, at=NOON)
    receive(3, at=NOON + HOUR)

    batch = published(filters={"to": (NOON + HOUR).isoformat()})

    assert api.post(URL, {"export": batch.pk}, format="json").json()["baseline"]["n"] == 20


def test_without_an_export_the_data_is_all_until_now_since_the_last_training(api):
    receive(20, at=NOON)

    first = api.post(URL, {}, format="json").json()
    receive(6, at=NOON + 5 * HOUR)
    again = since_last()
    second = api.post(URL, {}, format="json")

    assert (first["mark"]["marked_at"], first["baseline"]["n"], again) == ("2026-05-04T17:00:00Z", 20, 6)
    # No time has passed between them, so the second has no window.
    assert (second.status_code, second.json()["baseline"], since_last()) == (201, None, 0)


def test_open_firings_are_handed_off_and_closed_ones_stay(api, operator):
    receive(20, at=NOON)
    TriggerFiringFactory(evaluation=TriggerEvaluationFactory(name="scheduled", created_at=NOON))
    TriggerFiringFactory(evaluation=TriggerEvaluationFactory(name="data_count", created_at=NOON))
    closed = TriggerFiringFactory(evaluation=TriggerEvaluationFactory(created_at=NOON + HOUR))
    TriggerFiring.objects.filter(pk=closed.pk).update(state="acknowledged", settled_at=NOON, settled_by=operator)
    other = TriggerFiringFactory(evaluation=TriggerEvaluationFactory(deployment=DeploymentFactory(id="shop")))

    answer = api.post(URL, {}, format="json").json()

    states = dict(TriggerFiring.objects.values_list("pk", "state"))
    assert answer["firings_handed_off"] == 2
    assert (states.pop(closed.pk), states.pop(other.pk)) == ("acknowledged", "open")
    assert set(states.values()) == {"handed_off"}


@pytest.mark.parametrize(
    ("body", "again"),
    [({"model_version_id": "bot-2"}, 200), ({"export": True}, 200), ({"export": True, "model_version_id": "2"}, 200)],
)
def test_a_second_click_records_nothing(api, body, again):
    receive(20, at=NOON)
    if "export" in body:
        body = {**body, "export": published().pk}

    first, second = (api.post(URL, body, format="json") for _ in range(2))

    assert (first.status_code, second.status_code) == (201, again)
    assert first.json() == second.json()
    assert (TrainingMark.objects.count(), Baseline.objects.count()) == (1, 1)


def test_the_schedule_starts_again_when_the_training_is_recorded(api):
    receive(20, at=NOON)
    batch = published(read_at=NOON - 48 * HOUR, source_from=NOON - 72 * HOUR)

    api.post(URL, {"export": batch.pk}, format="json")
    checked = api.post("/api/v1/deployments/helpdesk/triggers/check").json()["triggers"]

    scheduled = next(one for one in checked if one["name"] == "scheduled")
    assert (scheduled["fired"], scheduled["value"]) == (False, 0)


def test_versions_are_numbered_and_know_the_one_before(api):
    receive(20, at=NOON)
    for name in ("bot", "bot-2026-11", "bot-v3.0.1", "bot-next", "again-3.0.1"):
        api.post(URL, {"model_version_id": name}, format="json")

    found = [(one.name, one.semantic_version, one.parent and one.parent.name) for one in ModelVersion.objects.all()]
    assert found[::-1] == [
        ("bot", "1.0.0", None),
        ("bot-2026-11", "1.1.0", "bot"),
        ("bot-v3.0.1", "3.0.1", "bot-2026-11"),
        ("bot-next", "3.1.0", "bot-v3.0.1"),
        ("again-3.0.1", "3.2.0", "bot-next"),
    ]
    listed = api.get("/api/v1/deployments/helpdesk/model-versions").json()["results"]
    assert [(one["id"], one["version"], one["parent_version"]) for one in listed] == found


@pytest.mark.parametrize("fields", [{"status": "requested"}, {"deployment": "shop"}])
def test_an_export_that_trained_nothing_is_refused(api, fields):
    shop = DeploymentFactory(id="shop")
    batch = ExportBatchFactory() if "status" in fields else published(deployment=shop)

    answer = api.post(URL, {"export": batch.pk}, format="json")

    assert answer.status_code == 409
    assert TrainingRun.objects.count() == TrainingMark.objects.count() == 0


def test_an_unknown_export_is_an_error_of_its_field(api):
    answer = api.post(URL, {"export": 10**6}, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "export")


def test_the_command_records_as_the_api_does(operator, capsys):
    receive(20, at=NOON)
    batch = published()

    call_command("trained", "helpdesk", export=batch.pk, model_version="bot-2")
    call_command("trained", "helpdesk", export=batch.pk, model_version="bot-2")

    first, second = capsys.readouterr().out.splitlines()
    run = TrainingRun.objects.get()
    told = "data up to 2026-05-04 14:00 UTC, 20 events; baseline training version 1; 0 firings handed off."
    assert first == f"Training run {run.pk} of helpdesk: {told}"
    assert second == f"Training run {run.pk} of helpdesk was recorded before: {told}"
    with pytest.raises(CommandError, match="There is no deployment shop"):
        call_command("trained", "shop")
