from django.urls import path

from curation import api
from curation.api_evaluation_sets import EvaluationSetsView, EvaluationSetView

urlpatterns = [
    path(
        "deployments/<deployment:deployment_id>/curated-sets",
        api.DeploymentCuratedSetsView.as_view(),
        name="deployment-curated-sets",
    ),
    path(
        "deployments/<deployment:deployment_id>/curated-sets/preview",
        api.PreviewView.as_view(),
        name="preview-curated-set",
    ),
    path("curated-sets/<int:pk>", api.CuratedSetView.as_view(), name="curated-set"),
    path("curated-sets/<int:pk>/examples", api.CuratedSetExamplesView.as_view(), name="curated-set-examples"),
    path("curated-sets/<int:pk>/queue", api.CuratedSetQueueView.as_view(), name="curated-set-queue"),
    path("curated-sets/<int:pk>/pairs", api.CuratedSetPairsView.as_view(), name="curated-set-pairs"),
    path("curated-sets/<int:pk>/cancel", api.CancelCuratedSetView.as_view(), name="cancel-curated-set"),
    path("events/<anyuuid:event_id>/why", api.WhyView.as_view(), name="event-why"),
    path("curated-sets/<int:pk>/submit", api.SubmitCuratedSetView.as_view(), name="submit-curated-set"),
    path("curated-sets/<int:pk>/approve", api.ApproveCuratedSetView.as_view(), name="approve-curated-set"),
    path("curated-sets/<int:pk>/reject", api.RejectCuratedSetView.as_view(), name="reject-curated-set"),
    path("evaluation-sets", EvaluationSetsView.as_view(), name="evaluation-sets"),
    path("evaluation-sets/<int:pk>", EvaluationSetView.as_view(), name="evaluation-set"),
]
