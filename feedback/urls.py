from django.urls import path

from feedback.api import deployments, ingest

urlpatterns = [
    path("events", ingest.EventsView.as_view(), name="events"),
    path("events/<anyuuid:event_id>", ingest.EventView.as_view(), name="event"),
    path("signals", ingest.SignalsView.as_view(), name="signals"),
    path("batches/<anyuuid:batch_id>", ingest.BatchView.as_view(), name="batch"),
    path("quality/assess", ingest.AssessView.as_view(), name="assess"),
    path("mask", ingest.MaskView.as_view(), name="mask"),
    path("deployments", deployments.DeploymentsView.as_view(), name="deployments"),
    path("deployments/<deployment:deployment_id>", deployments.DeploymentView.as_view(), name="deployment"),
    path(
        "deployments/<deployment:deployment_id>/config",
        deployments.DeploymentConfigView.as_view(),
        name="deployment-config",
    ),
    path(
        "deployments/<deployment:deployment_id>/quality",
        deployments.QualityView.as_view(),
        name="deployment-quality",
    ),
]
