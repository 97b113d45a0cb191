from django.urls import path

from drift import api

urlpatterns = [
    path("deployments/<deployment:deployment_id>/drift", api.DeploymentDriftView.as_view(), name="deployment-drift"),
    path("drift-reports/<int:report_id>", api.DriftReportView.as_view(), name="drift-report"),
    path(
        "deployments/<deployment:deployment_id>/triggers",
        api.DeploymentTriggersView.as_view(),
        name="deployment-triggers",
    ),
    path(
        "deployments/<deployment:deployment_id>/triggers/check", api.CheckTriggersView.as_view(), name="check-triggers"
    ),
]
