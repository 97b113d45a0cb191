"""Pending decisions: sets to review, exports to approve, failed exports, open trigger firings and drift."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from curation.choices import CuratedSetStatus
from curation.models import CuratedSet
from drift.choices import FiringState, Verdict
from drift.models import DriftReport, TriggerFiring
from exports.choices import ExportStatus
from exports.models import ExportBatch

# An older alarm has been seen or will be raised again.
RECENT = timedelta(days=7)


@dataclass(frozen=True)
class Decision:
    text: str
    count: int
    address: str
    tone: str = ""


def waiting(user, deployment_id: str) -> list[Decision]:
    """The decisions this user may see, for one deployment or, with an empty id, for all."""
    since = timezone.now() - RECENT
    sources = [
        ("curation.view_curatedset", _sets_in_review),
        ("exports.view_exportbatch", _exports),
        ("drift.view_driftreport", _drifting),
        ("drift.view_triggerfiring", _open_firings),
    ]
    found = (find(deployment_id, since) for permission, find in sources if user.has_perm(permission))
    return [decision for decisions in found for decision in decisions]


def _sets_in_review(deployment_id, since):
    count = _within(CuratedSet.objects.in_status(CuratedSetStatus.IN_REVIEW), deployment_id).count()
    page = _list("curation_curatedset", deployment_id, status__exact=CuratedSetStatus.IN_REVIEW)
    return [Decision(_plural(count, "curated set") + " to review", count, page)] if count else []


def _exports(deployment_id, since):
    of_listed = CuratedSet.objects.filter(deployment__archived=False)
    batches = ExportBatch.objects.filter(curated_set__in=_within(of_listed, deployment_id))
    requested, failed = batches.numbers_waiting(since)
    return [
        Decision(
            f"{_plural(count, 'export')} {what}", count, _list("exports_exportbatch", "", status__exact=status), tone
        )
        for count, what, status, tone in (
            (requested, "to approve", ExportStatus.REQUESTED, ""),
            (failed, "failed", ExportStatus.FAILED, "danger"),
        )
        if count
    ]


def _drifting(deployment_id, since):
    latest = _within(DriftReport.objects.latest_of_each_deployment(since), deployment_id)
    reports = [report for report in latest.only("deployment_id", "verdict") if report.verdict == Verdict.DRIFTING]
    if not reports:
        return []
    page = _list("drift_driftreport", deployment_id, verdict__exact=Verdict.DRIFTING)
    if len(reports) == 1:
        page = reverse("admin:drift_driftreport_change", args=[reports[0].pk])
    names = ", ".join(report.deployment_id for report in reports)
    return [Decision(f"drifting: {names}", len(reports), page, "danger")]


def _open_firings(deployment_id, since):
    found = _within(TriggerFiring.objects.open(), deployment_id).order_by().values_list("deployment_id")
    counts = dict(found.annotate(Count("pk")))
    if not counts:
        return []
    number, names = sum(counts.values()), ", ".join(sorted(counts))
    page = _list("drift_triggerfiring", deployment_id, state__exact=FiringState.OPEN)
    return [Decision(f"open {_plural(number, 'trigger firing')}: {names}", number, page, "warning")]


def _within(queryset, deployment_id):
    """Those of one deployment, or of all that are not archived."""
    return (
        queryset.filter(deployment_id=deployment_id) if deployment_id else queryset.filter(deployment__archived=False)
    )


def _list(model, deployment_id, **filters):
    query = {**filters, "deployment_id": deployment_id} if deployment_id else filters
    return reverse(f"admin:{model}_changelist", query=query)


def _plural(count, name):
    return name if count == 1 else f"{name}s"
