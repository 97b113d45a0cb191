"""Compares two windows of a deployment, as a drift report over the API does."""

from collections.abc import Iterable, Mapping
from typing import Any

from drift.choices import ReportStatus
from drift.reading.references import UnknownSegment
from drift.reports import lifecycle
from drift.serializers.reports import DriftRequestSerializer
from drift.tasks import detect_drift
from drift.windows.window import InvalidWindow
from exports.pipelines.context import Context
from exports.pipelines.effects import Effects
from exports.pipelines.errors import StageFailed, StageWaits
from exports.pipelines.stages import bodies
from exports.pipelines.stages.base import Stage, deployment_of
from feedback.field_errors import FieldError

_OPTIONS = ("reference", "current", "segments", "profile")


class DetectDrift(Stage):
    name = "detect_drift"
    description = "Compare two windows of a deployment's traffic"
    optional = ("deployment_id", *_OPTIONS)
    types = {
        "deployment_id": "string",
        "reference": "map",
        "current": "map",
        "segments": {"list": "string"},
        "profile": "string",
    }
    permissions = ("drift.add_driftreport",)

    @classmethod
    def further_problems(cls, options: Mapping[str, Any]) -> Iterable[FieldError]:
        return bodies.problems(DriftRequestSerializer, options, _OPTIONS)

    @classmethod
    def advance(cls, context: Context, options: Mapping[str, Any], effects: Effects) -> Context:
        deployment = deployment_of(context, options)
        wanted = bodies.read(DriftRequestSerializer, options, _OPTIONS)
        try:
            report = effects.once(
                "drift_report",
                lambda: lifecycle.request(deployment.pk, enqueue=effects.in_background, **wanted),
            )
        except (InvalidWindow, UnknownSegment) as error:
            raise StageFailed(str(error)) from error
        except lifecycle.TooManyRunning as error:
            raise StageWaits(str(error)) from error
        if not effects.in_background:
            detect_drift(report.pk)
            report.refresh_from_db()
        if report.status == ReportStatus.RUNNING:
            raise StageWaits(f"A worker computes drift report {report.pk}.")
        if report.status == ReportStatus.FAILED:
            raise StageFailed(f"Drift report {report.pk} failed: {report.error}")
        context = context.put_artifact("drift_report_id", report.pk).put_artifact("drift_verdict", report.verdict)
        return context if report.score is None else context.put_metric("drift_score", report.score)
