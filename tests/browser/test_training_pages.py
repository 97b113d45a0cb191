"""From a published export to a recorded training, the page of a run, the loop policy and the overview."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from exports.models import LoopPolicy, TrainingRun
from exports.training import completing
from exports.training.commands.folders import folder_of
from tests.browser.test_pages import violations
from tests.drift.factories import store_window
from tests.exports.factories import ExportBatchFactory, TrainingRunFactory, approved_set

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def batch(settings):
    settings.TRAINERS = {"local": {"adapter": "command", "command": ["true"]}}
    now = timezone.now()
    store_window("helpdesk", start_at=now - timedelta(hours=3), prompt_lengths=[10] * 60, version="bot-1")
    curated_set = approved_set(
        [{}], read_at=now - timedelta(hours=1), events_before=60, source_from=now - timedelta(hours=3)
    )
    files = [{"path": "helpdesk-1.0.0.jsonl", "rows": 1, "bytes": 120, "sha256": "a" * 64}]
    return ExportBatchFactory(
        curated_set=curated_set, status="published", rows=1, bytes=120, sha256="a" * 64, files=files, published_at=now
    )


def test_a_training_is_recorded_from_the_page_of_its_export(open_console, batch):
    page = open_console()
    page.goto(reverse("admin:exports_exportbatch_change", args=[batch.pk]))
    page.get_by_role("link", name="Trained on this").press("Enter")
    dialog = page.locator("#dialog")
    dialog.get_by_label("Model version").fill("bot-2.0.0")
    assert violations(page) == []
    dialog.get_by_role("button", name="Record the training").press("Enter")

    changed = page.get_by_role("region", name="What it changed")
    expect(changed.get_by_text("version 1, 60 events")).to_be_visible()
    expect(changed.get_by_text("number 2.0.0 of helpdesk")).to_be_visible()
    assert TrainingRun.objects.get().final_model_version == "bot-2.0.0"
    assert violations(page) == []


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_the_page_of_a_run_draws_its_metrics(open_console, batch, theme, width):
    history = [{"epoch": epoch, "loss": 1 / epoch, "accuracy": 1 - 0.5 / epoch} for epoch in range(1, 9)]
    run = TrainingRunFactory(
        batch=batch,
        trainer="local",
        status="running",
        started_at=timezone.now(),
        current_epoch=8,
        metrics_history=history,
        best_metrics={"loss": 0.125},
        checkpoint_uris=["s3://models/bot-2/8"],
        config={"epochs": 10, "learning_rate": 0.001},
    )
    page = open_console(theme=theme, width=width)
    page.goto(reverse("admin:exports_trainingrun_change", args=[run.pk]))

    expect(page.get_by_role("status").get_by_text("Training: epoch 8 of 10")).to_be_visible()
    expect(page.locator(f".cf-chart[data-drawn={theme}] .legendtext", has_text="loss")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert violations(page) == []


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_the_page_of_a_run_follows_the_output_of_its_command(open_console, batch, settings, tmp_path, theme, width):
    settings.TRAINING_FOLDER = tmp_path
    run = TrainingRunFactory(batch=batch, trainer="local", status="running", started_at=timezone.now())
    log = folder_of(run.pk).log
    log.parent.mkdir()
    log.write_text("".join(f"epoch {epoch}: loss {1 / epoch:.6f}\n" for epoch in range(1, 60)))
    page = open_console(theme=theme, width=width)
    page.goto(reverse("admin:exports_trainingrun_change", args=[run.pk]))

    output = page.get_by_role("log", name="Output of the command")
    expect(output).to_contain_text("epoch 59: loss 0.016949")
    with log.open("a") as file:
        file.write("epoch 60: loss 0.016667 " + "x" * 400 + "\n")
    expect(output).to_contain_text("epoch 60: loss 0.016667")
    assert output.text_content().count("epoch ") == 60
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert violations(page) == []


def test_the_loop_of_a_deployment_is_chosen(open_console, batch):
    page = open_console()
    page.goto(reverse("admin:feedback_deployment_loop", args=["helpdesk"]))
    page.get_by_label("After a trigger fired, go on to").select_option("train")
    page.get_by_label("Trainer", exact=True).select_option("local")
    assert violations(page) == []
    page.get_by_role("button", name="Save").press("Enter")

    expect(page.get_by_text("The loop policy of helpdesk is saved.")).to_be_visible()
    assert LoopPolicy.objects.get().level == "train"


def test_the_overview_has_the_new_version_beside_the_one_before(open_console, batch, operator):
    completing.record("helpdesk", by=operator, batch=batch, model_version_id="bot-2")
    now = timezone.now()
    store_window("helpdesk", start_at=now, prompt_lengths=[10] * 40, version="bot-2", quality=[0.4, 0.6] * 20)
    page = open_console()
    page.goto(reverse("admin:index"))

    row = page.get_by_role("region", name="bot-2 beside bot-1").get_by_role("row", name="Checks")
    expect(row.get_by_text("lower")).to_be_visible()
    assert violations(page) == []
