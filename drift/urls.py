from django.urls import path

from drift import api, api_files, api_triggers

urlpatterns = [
    path("deployments/<deployment:deployment_id>/drift", api.DeploymentDriftView.as_view(), name="deployment-drift"),
    path("drift-reports/<int:report_id>", api.DriftReportView.as_view(), name="drift-report"),
    path("drift-reports/<int:report_id>.html", api_files.ReportFileView.as_view(), name="drift-report-html"),
    path("drift-reports/<int:report_id>.md", api_files.MarkdownReportFileView.as_view(), name="drift-report-markdown"),
    path("drift-reports/<int:report_id>/accept", api.AcceptReportView.as_view(), name="accept-drift-report"),
    path(
        "deployments/<deployment:deployment_id>/baselines/<deployment:name>",
        api.BaselineView.as_view(),
        name="deployment-baseline",
    ),
    path(
        "deployments/<deployment:deployment_id>/triggers",
        api_triggers.DeploymentTriggersView.as_view(),
        name="deployment-triggers",
    ),
    path(
        "deployments/<deployment:deployment_id>/triggers/check",
        api_triggers.CheckTriggersView.as_view(),
        name="check-triggers",
    ),
    path(
        "deployments/<deployment:deployment_id>/triggers/rules",
        api_triggers.TriggerRulesView.as_view(),
        name="trigger-rules",
    ),
    path(
        "deployments/<deployment:deployment_id>/triggers/firings",
        api_triggers.DeploymentFiringsView.as_view(),
        name="trigger-firings",
    ),
    path(
        "trigger-firings/<int:firing_id>/acknowledge",
        api_triggers.AcknowledgeFiringView.as_view(),
        name="acknowledge-firing",
    ),
]
