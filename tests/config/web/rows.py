"""A row for every address of the API that names one."""

from curation.models import CuratedExample, CuratedSet, EvaluationSet, GoldenSet
from drift.models import ArmComparison, DriftReport, TriggerFiring
from exports.models import DeploymentDeletion, Erasure, ExportBatch, GateRun, PairwiseRun, PipelineRun, TrainingRun
from feedback.models import (
    Event,
    IngestBatch,
    Judge,
    Prompt,
    PromptVersion,
    RaisedFlag,
    Reassessment,
    RubricVersion,
    ToolRename,
)
from feedback.rubrics import versions
from tests.curation.factories import EvaluationSetFactory, GoldenSetFactory
from tests.drift.factories import ArmComparisonFactory, BaselineFactory, DriftReportFactory, TriggerFiringFactory
from tests.exports.factories import (
    ExportBatchFactory,
    GateRunFactory,
    PairwiseRunFactory,
    PipelineRunFactory,
    TrainingRunFactory,
)
from tests.factories import EventFactory
from tests.feedback.factories import IngestBatchFactory, PromptVersionFactory, RaisedFlagFactory, ReassessmentFactory

# Which row an address names, by what stands before its parameter.
OBJECTS = {
    "events": (Event, "pk"),
    "batches": (IngestBatch, "batch_id"),
    "comparisons": (ArmComparison, "pk"),
    "drift-reports": (DriftReport, "pk"),
    "trigger-firings": (TriggerFiring, "pk"),
    "curated-sets": (CuratedSet, "pk"),
    "rows": (CuratedExample, "pk"),
    "examples": (CuratedExample, "event_id"),
    "evaluation-sets": (EvaluationSet, "pk"),
    "golden-sets": (GoldenSet, "pk"),
    "gates": (GateRun, "pk"),
    "pairwise-runs": (PairwiseRun, "pk"),
    "judges": (Judge, "pk"),
    "exports": (ExportBatch, "pk"),
    "erasures": (Erasure, "pk"),
    "tool-renames": (ToolRename, "pk"),
    "reassessments": (Reassessment, "pk"),
    "flags": (RaisedFlag, "pk"),
    "deployment-deletions": (DeploymentDeletion, "pk"),
    "training-runs": (TrainingRun, "pk"),
    "pipelines": (PipelineRun, "pk"),
    "rubrics": (RubricVersion, "label"),
    "prompts": (Prompt, "name"),
    "versions": (PromptVersion, "label"),
}


def store():
    """One of everything, in the deployment helpdesk."""
    EventFactory()
    versions.install_shipped()
    IngestBatchFactory()
    ArmComparisonFactory()
    DriftReportFactory()
    TriggerFiringFactory()
    BaselineFactory()
    EvaluationSetFactory()
    GateRunFactory(golden_set=GoldenSetFactory())
    batch = ExportBatchFactory()
    PairwiseRunFactory(curated_set=batch.curated_set)
    TrainingRunFactory()
    PipelineRunFactory()
    PromptVersionFactory()
    Erasure.objects.create(hashes=["a" * 64], requested_by=batch.requested_by)
    RaisedFlagFactory()
    ToolRename.objects.create(deployment_id="helpdesk", old_name="lookup", new_name="find", similarity=0.8)
    ReassessmentFactory(deployment_id="helpdesk")
    DeploymentDeletion.objects.create(deployment_id="helpdesk", requested_by=batch.requested_by)
