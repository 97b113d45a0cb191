"""The pages of training runs, and training from the pages of exports and deployments."""

import html
from datetime import timedelta

import pytest
from django.urls import reverse

from exports.models import LoopPolicy, TrainingRun
from exports.training import completing
from tests.drift.factories import store_window
from tests.exports.factories import ExportBatchFactory, TrainingRunFactory, approved_set
from tests.factories import NOON, DeploymentFactory

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def helpdesk(db, time_machine, settings):
    time_machine.move_to(NOON + 5 * HOUR, tick=False)
    settings.TRAINERS = {"local": {"adapter": "command", "command": ["true"]}}
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10] * 20, version="bot-1")


@pytest.fixture
def batch():
    curated_set = approved_set([{}], read_at=NOON + 2 * HOUR, events_before=20, source_from=NOON)
    return ExportBatchFactory(
        curated_set=curated_set,
        status="published",
        rows=1,
        bytes=1,
        sha256="a" * 64,
        files=[{"path": "a.jsonl", "rows": 1, "bytes": 1, "sha256": "a" * 64}],
        published_at=NOON + 3 * HOUR,
    )


SENT = {"_form_submitted": True}


def shown(console, address):
    return html.unescape(console.get(address, follow=True).content.decode())


def test_trained_on_this_leads_to_the_run_that_it_records(console, batch, django_assert_max_num_queries):
    page = reverse("admin:exports_exportbatch_change", args=[batch.pk])
    action = reverse("admin:exports_exportbatch_trained", args=[batch.pk])

    before = shown(console, page)
    answer = console.post(action, {**SENT, "model_version_id": "bot-2.0.0"})
    run = TrainingRun.objects.get()
    with django_assert_max_num_queries(12):
        text = shown(console, answer.headers["HX-Redirect"])

    assert action in before
    assert answer.headers["HX-Redirect"] == reverse("admin:exports_trainingrun_change", args=[run.pk])
    for part in ("2026-05-04 14:00 UTC, 20 events", "version 1, 20 events", "number 2.0.0 of helpdesk"):
        assert part in text
    assert f"Run {run.pk}" in shown(console, page)


def test_a_run_is_started_followed_and_cancelled(console, batch):
    start = reverse("admin:exports_exportbatch_train", args=[batch.pk])

    answer = console.post(start, {**SENT, "trainer": "", "config": '{"epochs": 3}'})
    run = TrainingRun.objects.get()
    page = shown(console, answer.headers["HX-Redirect"])
    progress = reverse("admin:exports_trainingrun_progress", args=[run.pk])
    waiting = console.get(progress)
    second = console.post(start, {**SENT, "trainer": "", "config": ""})
    console.post(reverse("admin:exports_trainingrun_cancel", args=[run.pk]), SENT)
    ended = console.get(progress)

    assert (run.config["epochs"], run.batch) == (3, batch)
    assert "Waiting for its trainer" in page
    assert "Waiting for its trainer" in waiting.content.decode()
    assert second.headers["HX-Redirect"] == reverse("admin:exports_exportbatch_change", args=[batch.pk])
    assert TrainingRun.objects.get().status == "cancelled"
    assert ended.headers["HX-Refresh"] == "true"


def test_the_page_of_a_run_shows_its_metrics(console):
    history = [{"epoch": 1, "loss": 0.75, "accuracy": 0.5}, {"epoch": 2, "loss": 0.5}]
    run = TrainingRunFactory(status="running", started_at=NOON, current_epoch=2, metrics_history=history)

    page = console.get(reverse("admin:exports_trainingrun_change", args=[run.pk]))

    chart = page.context["chart"]
    assert (chart.header, chart.rows) == (["Epoch", "accuracy", "loss"], [["1", "0.5", "0.75"], ["2", "–", "0.5"]])
    assert "Training: epoch 2" in page.content.decode()


def test_a_training_on_all_data_is_recorded_on_the_page_of_the_deployment(console):
    console.post(reverse("admin:feedback_deployment_trained", args=["helpdesk"]), {**SENT, "model_version_id": "bot-2"})

    run = TrainingRun.objects.get()
    assert (run.status, run.batch, run.baseline.n) == ("completed", None, 20)


def test_the_loop_of_a_deployment_is_chosen(console, operator):
    page = reverse("admin:feedback_deployment_loop", args=["helpdesk"])
    form = {"level": "train", "export_format": "jsonl", "export_product": "sft", "config": ""}

    without = console.post(page, {**form, "trainer": ""})
    console.post(page, {**form, "trainer": "local"})

    policy = LoopPolicy.objects.get()
    assert "Name the trainer" in without.content.decode()
    assert (policy.level, policy.trainer, policy.changed_by) == ("train", "local", operator)
    assert "Chosen by" in shown(console, page)


def test_a_new_version_stands_beside_the_one_before_on_the_overview(console, operator):
    panel = reverse("admin:new_versions")
    completing.record("helpdesk", by=operator, model_version_id="bot-2")

    overview = console.get(reverse("admin:index")).content.decode()
    before = shown(console, panel)
    store_window("helpdesk", start_at=NOON + 4 * HOUR, prompt_lengths=[10] * 40, version="bot-2", quality=[0.5] * 40)
    few = shown(console, panel)
    store_window("helpdesk", start_at=NOON - 2 * HOUR, prompt_lengths=[10] * 99, version="bot-0")
    store_window("helpdesk", start_at=NOON + 2 * HOUR, prompt_lengths=[10] * 40, version="bot-1")
    after = shown(console, f"{panel}?deployment=helpdesk")
    other = shown(console, f"{panel}?deployment={DeploymentFactory(id='shop').pk}")

    assert f'hx-get="{panel}"' in overview
    assert "No event of this version has arrived." in before
    assert "not enough data" in few
    assert "<td>-0.400 [-0.400, -0.400]</td><td>lower</td>" in after
    assert "bot-2" not in other
