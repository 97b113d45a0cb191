from django.urls import path

from feedback import api, api_deployments

urlpatterns = [
    path("events", api.EventsView.as_view(), name="events"),
    path("events/<anyuuid:event_id>", api.EventView.as_view(), name="event"),
    path("signals", api.SignalsView.as_view(), name="signals"),
    path("batches/<anyuuid:batch_id>", api.BatchView.as_view(), name="batch"),
    path("quality/assess", api.AssessView.as_view(), name="assess"),
    path("mask", api.MaskView.as_view(), name="mask"),
    path("deployments", api_deployments.DeploymentsView.as_view(), name="deployments"),
    path("deployments/<deployment:deployment_id>", api_deployments.DeploymentView.as_view(), name="deployment"),
    path(
        "deployments/<deployment:deployment_id>/config",
        api_deployments.DeploymentConfigView.as_view(),
        name="deployment-config",
    ),
    path(
        "deployments/<deployment:deployment_id>/quality",
        api_deployments.QualityView.as_view(),
        name="deployment-quality",
    ),
]
