"""The console's list of pipelines, and a page for each run with its stages."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from exports.choices import PipelineStatus, StageStatus
from exports.models import PipelineStage
from exports.pipelines.stored import requesting
from exports.querysets import UNFINISHED_PIPELINES
from feedback.admin.filters import DeploymentFilter
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin

STATUS_LABELS = {
    PipelineStatus.PENDING: "info",
    PipelineStatus.RUNNING: "info",
    PipelineStatus.WAITING: "warning",
    PipelineStatus.COMPLETED: "success",
    PipelineStatus.FAILED: "danger",
}
_PAGES = {
    "drift_report": ("admin:drift_driftreport_change", "Drift report"),
    "curated_set": ("admin:curation_curatedset_change", "Curated set"),
    "export": ("admin:exports_exportbatch_change", "Export"),
    "training_run": ("admin:exports_trainingrun_change", "Training run"),
    "gate": ("admin:exports_gaterun_change", "Gate"),
}


class PipelineRunAdmin(RecordAdmin):
    list_display = ["heading", "status_label", "stage_now", "requested", "finished"]
    list_display_links = ["heading"]
    list_filter = [DeploymentFilter, "status"]
    search_fields = ["experiment_id"]
    search_help_text = "Part of an experiment's id"
    sortable_by = []
    actions_detail = ["cancel"]
    change_form_template = "exports/pipeline.html"
    fields = []
    empty_text = "Pipelines run the stages of an experiment. Post one to the API, or use the shell."
    empty_command = "python manage.py run_pipeline experiment.json"

    def get_queryset(self, request):
        return super().get_queryset(request).with_stages()

    def get_urls(self):
        view = self.admin_site.admin_view(require_safe(self.stages_view))
        return [path("<int:run_id>/stages/", view, name="exports_pipelinerun_stages"), *super().get_urls()]

    def stages_view(self, request, run_id):
        """The stages, which the page of an unfinished run asks for again; at the end the page reloads."""
        run = self.viewed(request, run_id)
        if run.status not in UNFINISHED_PIPELINES:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return TemplateResponse(request, "exports/pipeline_stages.html", self._stages(request, run))

    def page(self, request, run):
        return {
            **self._stages(request, run),
            "status_type": STATUS_LABELS.get(run.status, ""),
            "artifacts": _shown(run.artifacts),
            "metrics": _shown(run.metrics),
            "document": json.dumps(run.experiment, indent=2, ensure_ascii=False, default=str),
        }

    def _stages(self, request, run):
        stages = [_facts(stage) for stage in run.stages.all()]
        return {"run": run, "stages": stages, "is_unfinished": run.status in UNFINISHED_PIPELINES}

    def possible_actions(self, request, run):
        return {"cancel"} if run.status in UNFINISHED_PIPELINES else set()

    def has_cancel_permission(self, request, object_id=None):
        return request.user.has_perm(requesting.PERMISSION)

    @action(
        description="Cancel",
        icon="cancel",
        variant=ActionVariant.DANGER,
        url_path="cancel",
        permissions=["cancel"],
        dialog={
            "title": "Cancel this pipeline?",
            "description": "No further stage begins. A set or an export that a stage has started goes on.",
            "form_submit_text": "Cancel the pipeline",
        },
    )
    def cancel(self, request, form, object_id):
        try:
            run = requesting.cancel(object_id, by=request.user)
        except requesting.NotCancellable as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{run} is cancelled.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:exports_pipelinerun_change", args=[object_id])})

    @display(header=True, description="Experiment")
    def heading(self, run):
        return [run.experiment_id, run.deployment_id]

    @display(description="Status", label=STATUS_LABELS)
    def status_label(self, run):
        return run.status, run.get_status_display()

    @display(description="Stage")
    def stage_now(self, run):
        """The stage that runs, waits or failed."""
        now = (StageStatus.RUNNING, StageStatus.WAITING, StageStatus.FAILED)
        return next((stage.name for stage in run.stages.all() if stage.status in now), "–")

    @display(description="Requested")
    def requested(self, run):
        return format_html("{} {}", run.requested_by, ago(run.created_at))

    @display(description="Finished")
    def finished(self, run):
        return ago(run.finished_at)


def _facts(stage: PipelineStage) -> dict:
    """What the page shows of a stage."""
    links = [
        {"url": reverse(page, args=[key]), "text": f"{name} {key}"}
        for kind, (page, name) in _PAGES.items()
        if (key := getattr(stage, f"{kind}_id"))
    ]
    return {"row": stage, "links": links, "options": _shown(stage.options), "tone": STATUS_LABELS.get(stage.status, "")}


def _shown(values: dict) -> list[tuple[str, str]]:
    """Names with values as text: JSON, unless they are text or a number with a fraction."""
    return [(name, _text(value)) for name, value in values.items()]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.4g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False, default=str)
