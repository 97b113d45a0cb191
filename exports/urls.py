from django.urls import path

from exports import api
from exports.datasets import api as api_datasets
from exports.deletions import api as api_deletions
from exports.erasures import api as api_erasures
from exports.gates.api import views as gates
from exports.pairwise.api import views as pairwise
from exports.pipelines import api as api_pipelines
from exports.training import api as api_training

urlpatterns = [
    path("exports", api.ExportsView.as_view(), name="exports"),
    path("exports/<int:pk>", api.ExportView.as_view(), name="export"),
    path("exports/<int:pk>/approve", api.ApproveExportView.as_view(), name="approve-export"),
    path("exports/<int:pk>/reject", api.RejectExportView.as_view(), name="reject-export"),
    path("exports/<int:pk>/cancel", api.CancelExportView.as_view(), name="cancel-export"),
    path("exports/<int:pk>/link", api.LinkExportView.as_view(), name="link-export"),
    path("exports/<int:pk>/download", api.DownloadExportView.as_view(), name="download-export"),
    path("exports/<int:pk>/preview", api.ExportPreviewView.as_view(), name="preview-export"),
    path("exports/<int:pk>/manifest", api.ExportManifestView.as_view(), name="export-manifest"),
    path("exports/<int:pk>/files", api.ExportFilesView.as_view(), name="export-files"),
    path("deployments/<deployment:deployment_id>", api_deletions.DeletableDeploymentView.as_view(), name="deployment"),
    path(
        "deployments/<deployment:deployment_id>/model-versions",
        api_training.ModelVersionsView.as_view(),
        name="model-versions",
    ),
    path("deployments/<deployment:deployment_id>/trained", api_training.TrainedView.as_view(), name="trained"),
    path(
        "deployments/<deployment:deployment_id>/loop-policy", api_training.LoopPolicyView.as_view(), name="loop-policy"
    ),
    path("training-runs", api_training.TrainingRunsView.as_view(), name="training-runs"),
    path("training-runs/<int:pk>", api_training.TrainingRunView.as_view(), name="training-run"),
    path("training-runs/<int:pk>/log", api_training.TrainingRunLogView.as_view(), name="training-run-log"),
    path("training-runs/<int:pk>/cancel", api_training.CancelTrainingRunView.as_view(), name="cancel-training-run"),
    path("deployment-deletions/<int:pk>", api_deletions.DeploymentDeletionView.as_view(), name="deployment-deletion"),
    path("datasets/resolve", api_datasets.ResolveDatasetView.as_view(), name="resolve-dataset"),
    path("pipelines", api_pipelines.PipelinesView.as_view(), name="pipelines"),
    path("pipelines/<int:pk>", api_pipelines.PipelineView.as_view(), name="pipeline"),
    path("pipelines/<int:pk>/cancel", api_pipelines.CancelPipelineView.as_view(), name="cancel-pipeline"),
    path("erasures", api_erasures.ErasuresView.as_view(), name="erasures"),
    path("erasures/<int:pk>", api_erasures.ErasureView.as_view(), name="erasure"),
    path("training-runs/<int:pk>/gate", gates.GateOfRunView.as_view(), name="training-run-gate"),
    path("gates", gates.GatesView.as_view(), name="gates"),
    path("gates/<int:pk>", gates.GateView.as_view(), name="gate"),
    path("gates/<int:pk>/answers", gates.GateAnswersView.as_view(), name="gate-answers"),
    path("gates/<int:pk>/cancel", gates.CancelGateView.as_view(), name="cancel-gate"),
    path("pairwise-runs", pairwise.PairwiseRunsView.as_view(), name="pairwise-runs"),
    path("pairwise-runs/<int:pk>", pairwise.PairwiseRunView.as_view(), name="pairwise-run"),
    path("pairwise-runs/<int:pk>/cancel", pairwise.CancelPairwiseRunView.as_view(), name="cancel-pairwise-run"),
    path("deployments/<deployment:deployment_id>/gate-consent", gates.GateConsentView.as_view(), name="gate-consent"),
]
