from django.urls import path

from drift.api import comparisons, files, reports, triggers

urlpatterns = [
    path(
        "deployments/<deployment:deployment_id>/comparisons",
        comparisons.DeploymentComparisonsView.as_view(),
        name="deployment-comparisons",
    ),
    path("comparisons/<int:comparison_id>", comparisons.ComparisonView.as_view(), name="comparison"),
    path("comparisons/<int:comparison_id>/stop", comparisons.StopComparisonView.as_view(), name="stop-comparison"),
    path(
        "deployments/<deployment:deployment_id>/drift", reports.DeploymentDriftView.as_view(), name="deployment-drift"
    ),
    path("drift-reports/<int:report_id>", reports.DriftReportView.as_view(), name="drift-report"),
    path("drift-reports/<int:report_id>.html", files.ReportFileView.as_view(), name="drift-report-html"),
    path("drift-reports/<int:report_id>.md", files.MarkdownReportFileView.as_view(), name="drift-report-markdown"),
    path("drift-reports/<int:report_id>/accept", reports.AcceptReportView.as_view(), name="accept-drift-report"),
    path(
        "deployments/<deployment:deployment_id>/baselines/<deployment:name>",
        reports.BaselineView.as_view(),
        name="deployment-baseline",
    ),
    path(
        "deployments/<deployment:deployment_id>/triggers",
        triggers.DeploymentTriggersView.as_view(),
        name="deployment-triggers",
    ),
    path(
        "deployments/<deployment:deployment_id>/triggers/check",
        triggers.CheckTriggersView.as_view(),
        name="check-triggers",
    ),
    path(
        "deployments/<deployment:deployment_id>/triggers/rules",
        triggers.TriggerRulesView.as_view(),
        name="trigger-rules",
    ),
    path(
        "deployments/<deployment:deployment_id>/triggers/firings",
        triggers.DeploymentFiringsView.as_view(),
        name="trigger-firings",
    ),
    path(
        "trigger-firings/<int:firing_id>/acknowledge",
        triggers.AcknowledgeFiringView.as_view(),
        name="acknowledge-firing",
    ),
]
