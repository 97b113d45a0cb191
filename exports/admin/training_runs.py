"""The list of training runs, and the page of one."""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from exports.choices import RunStatus
from exports.gates.console.admin import gates_of
from exports.models import TrainingRun
from exports.training import runs, trainers
from exports.training.commands import logs
from feedback.console.presentation import Chart, ago
from feedback.console.record_admin import RecordAdmin

STATUS_LABELS = {
    RunStatus.PENDING: "warning",
    RunStatus.RUNNING: "info",
    RunStatus.COMPLETED: "success",
    RunStatus.FAILED: "danger",
}
RUN = "exports_trainingrun"
# So many epochs are listed; the chart has them all.
_SHOWN_EPOCHS = 50


def page_of(run_id) -> str:
    return reverse("admin:exports_trainingrun_change", args=[run_id])


class TrainingRunAdmin(RecordAdmin):
    list_display = ["heading", "status_label", "trainer_name", "version", "requested", "ended"]
    list_display_links = ["heading"]
    list_filter = ["status"]
    list_select_related = ["requested_by"]
    search_fields = ["deployment__id", "final_model_version"]
    search_help_text = "Part of a deployment or of a model version"
    sortable_by = []
    actions_detail = ["cancel"]
    change_form_template = "exports/training_run.html"
    fields = []
    empty_text = "No training runs. Choose Trained on this on the page of a published export, or start one there."
    empty_command = "python manage.py trained DEPLOYMENT --export 1 --model-version MODEL"

    def get_queryset(self, request):
        return super().get_queryset(request).with_facts()

    def get_urls(self):
        views = {"progress": self.progress_view, "log": self.log_view}
        parts = [
            path(f"<int:run_id>/{name}/", self.admin_site.admin_view(require_safe(view)), name=f"{RUN}_{name}")
            for name, view in views.items()
        ]
        return [*parts, *super().get_urls()]

    def progress_view(self, request, run_id):
        """What the page of an unfinished run polls; at the end the page reloads."""
        run = self.get_object(request, run_id)
        if run is None or not self.has_view_permission(request, run):
            return HttpResponse(status=404)
        if not run.is_active:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return TemplateResponse(request, "exports/training_progress.html", {"run": run})

    def log_view(self, request, run_id):
        """A part of the output of a command, and what asks for the part after it."""
        run = self.get_object(request, run_id)
        if run is None or not self.has_view_permission(request, run):
            return HttpResponse(status=404)
        offset = request.GET.get("offset", "0")
        if not re.fullmatch("[0-9]{1,12}", offset):
            return HttpResponse(status=400)
        return TemplateResponse(request, "exports/training_log.html", {"run": run, "part": logs.read(run, int(offset))})

    def page(self, request, run):
        return {
            "run": run,
            "status_type": STATUS_LABELS.get(run.status, ""),
            "chart": _chart(run),
            "config": [(name, _words(value)) for name, value in run.config.items() if value not in (None, {}, [])],
            "best": sorted(run.best_metrics.items()),
            "gates": gates_of(request, run),
            "has_log": run.exit_code is not None or run.trainer in trainers.supervised(),
        }

    def possible_actions(self, request, run):
        return {"cancel"} if run.is_active else set()

    def has_cancel_permission(self, request, object_id=None):
        return request.user.has_perm(runs.CHANGE_PERMISSION)

    @action(
        description="Cancel",
        icon="cancel",
        variant=ActionVariant.DANGER,
        url_path="cancel",
        permissions=["cancel"],
        dialog={
            "title": "Cancel this training run?",
            "description": "Its trainer is asked to stop. Nothing is recorded as trained.",
            "form_submit_text": "Cancel the run",
        },
    )
    def cancel(self, request, form, object_id):
        if runs.cancel(object_id, by=request.user):
            messages.success(request, "The training run is cancelled.")
        else:
            messages.error(request, "The training run has ended already.")
        return HttpResponse(headers={"HX-Redirect": page_of(object_id)})

    @display(header=True, description="Run")
    def heading(self, run):
        return [f"Run {run.pk}", run.deployment_id]

    @display(description="Status", label=STATUS_LABELS)
    def status_label(self, run):
        return run.status, run.get_status_display()

    @display(description="Trainer")
    def trainer_name(self, run):
        return run.trainer or "elsewhere"

    @display(description="Model version")
    def version(self, run):
        return run.final_model_version or "–"

    @display(description="Requested")
    def requested(self, run):
        return format_html("{} {}", run.requested_by, ago(run.created_at))

    @display(description="Ended")
    def ended(self, run):
        return ago(run.completed_at)


def _words(value: Any) -> str:
    """A value of the configuration without what is not set."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(one)}" for name, one in value.items() if one is not None)
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _chart(run: TrainingRun) -> Chart | None:
    """The metrics of the epochs."""
    names = sorted({name for metrics in run.metrics_history for name in metrics} - {"epoch"})
    if not names:
        return None
    epochs = [metrics["epoch"] for metrics in run.metrics_history]
    lines = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "x": epochs,
            "y": [metrics.get(name) for metrics in run.metrics_history],
        }
        for name in names
    ]
    listed = run.metrics_history[-_SHOWN_EPOCHS:]
    rows = [[f"{one['epoch']:,}", *(_number(one.get(name)) for name in names)] for one in listed]
    note = f"The last {_SHOWN_EPOCHS} epochs are listed." if len(epochs) > _SHOWN_EPOCHS else ""
    caption = "Metrics by epoch, as the trainer reports them"
    return Chart("training-metrics", caption, {"data": lines, "layout": {}}, ["Epoch", *names], rows, note)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
