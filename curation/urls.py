from django.urls import path

from curation.api import agreement, approving, comparisons, counting, diff, golden, rows, sets
from curation.api.evaluation_sets import EvaluationSetsView, EvaluationSetView

urlpatterns = [
    path(
        "deployments/<deployment:deployment_id>/curated-sets",
        sets.DeploymentCuratedSetsView.as_view(),
        name="deployment-curated-sets",
    ),
    path(
        "deployments/<deployment:deployment_id>/curated-count",
        counting.CuratedCountView.as_view(),
        name="curated-count",
    ),
    path(
        "deployments/<deployment:deployment_id>/curated-sets/preview",
        sets.PreviewView.as_view(),
        name="preview-curated-set",
    ),
    path("curated-sets/<int:pk>", sets.CuratedSetView.as_view(), name="curated-set"),
    path("curated-sets/<int:pk>/examples", sets.CuratedSetExamplesView.as_view(), name="curated-set-examples"),
    path("curated-sets/<int:pk>/rows/<int:row_id>", rows.RowView.as_view(), name="curated-set-row"),
    path("curated-sets/<int:pk>/rows/decide", rows.DecideRowsView.as_view(), name="decide-curated-set-rows"),
    path("curated-sets/<int:pk>/rows/golden", golden.MarkRowsView.as_view(), name="mark-golden-rows"),
    path("curated-sets/<int:pk>/examples/<anyuuid:event_id>", rows.ExampleView.as_view(), name="curated-set-example"),
    path("curated-sets/<int:pk>/queue", sets.CuratedSetQueueView.as_view(), name="curated-set-queue"),
    path("curated-sets/<int:pk>/pairs", sets.CuratedSetPairsView.as_view(), name="curated-set-pairs"),
    path("curated-sets/<int:pk>/agreement", agreement.AgreementView.as_view(), name="curated-set-agreement"),
    path("curated-sets/<int:pk>/comparisons", comparisons.ComparisonsView.as_view(), name="compare-answers"),
    path("curated-sets/<int:pk>/comparisons/next", comparisons.NextComparisonView.as_view(), name="next-comparison"),
    path("curated-sets/<int:pk>/next-version", sets.NextVersionView.as_view(), name="next-version-of-curated-set"),
    path("curated-sets/<int:pk>/diff", diff.DiffView.as_view(), name="diff-of-curated-sets"),
    path("curated-sets/<int:pk>/release", approving.ReleaseView.as_view(), name="release-of-curated-set"),
    path(
        "deployments/<deployment:deployment_id>/approval-policy",
        approving.ApprovalPolicyView.as_view(),
        name="approval-policy",
    ),
    path("curated-sets/<int:pk>/reopen", sets.ReopenCuratedSetView.as_view(), name="reopen-curated-set"),
    path("curated-sets/<int:pk>/cancel", sets.CancelCuratedSetView.as_view(), name="cancel-curated-set"),
    path("events/<anyuuid:event_id>/why", sets.WhyView.as_view(), name="event-why"),
    path("curated-sets/<int:pk>/submit", sets.SubmitCuratedSetView.as_view(), name="submit-curated-set"),
    path("curated-sets/<int:pk>/approve", sets.ApproveCuratedSetView.as_view(), name="approve-curated-set"),
    path("curated-sets/<int:pk>/reject", sets.RejectCuratedSetView.as_view(), name="reject-curated-set"),
    path("drop-reasons", rows.DropReasonsView.as_view(), name="drop-reasons"),
    path("golden-sets", golden.GoldenSetsView.as_view(), name="golden-sets"),
    path("golden-sets/<int:pk>/rows", golden.GoldenRowsView.as_view(), name="golden-set-rows"),
    path("golden-sets/<int:pk>/uses", golden.GoldenUsesView.as_view(), name="golden-set-uses"),
    path("golden-sets/<int:pk>", golden.GoldenSetView.as_view(), name="golden-set"),
    path("evaluation-sets", EvaluationSetsView.as_view(), name="evaluation-sets"),
    path("evaluation-sets/<int:pk>", EvaluationSetView.as_view(), name="evaluation-set"),
]
