from django.urls import path

from feedback.api import (
    audits,
    batches,
    deployments,
    events,
    fairness,
    flags,
    judge_agreement,
    judges,
    masking,
    offline_judging,
    quality,
    quality_profiles,
    reassessments,
    refusals,
    rubrics,
    training_objections,
)
from feedback.api.prompts import registry, resolving
from feedback.api.tools import renames

_REASSESSMENTS = "deployments/<deployment:deployment_id>/reassessments"
_RENAMES = "deployments/<deployment:deployment_id>/tool-renames"
_PROMPT = "prompts/<promptlabel:name>"
_VERSION = f"{_PROMPT}/versions/<promptlabel:label>"

urlpatterns = [
    path("events", events.EventsView.as_view(), name="events"),
    path("events/export", events.EventExportView.as_view(), name="events-export"),
    path("events/<anyuuid:event_id>", events.EventView.as_view(), name="event"),
    path("events/<anyuuid:event_id>/feedback-events", events.EventFeedbackView.as_view(), name="event-feedback"),
    path("events/<anyuuid:event_id>/human-scores", rubrics.HumanScoresView.as_view(), name="human-scores"),
    path("rubrics", rubrics.RubricsView.as_view(), name="rubrics"),
    path("rubrics/<str:label>", rubrics.RubricView.as_view(), name="rubric"),
    path("feedback-events", events.FeedbackEventsView.as_view(), name="feedback-events"),
    path("signals", events.SignalsView.as_view(), name="signals"),
    path("scores", events.ScoresView.as_view(), name="scores"),
    path("batches/<anyuuid:batch_id>", batches.BatchView.as_view(), name="batch"),
    path("quality/assess", quality.AssessView.as_view(), name="assess"),
    path("mask", masking.MaskView.as_view(), name="mask"),
    path("deployments", deployments.DeploymentsView.as_view(), name="deployments"),
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
    path("flags", flags.FlagsView.as_view(), name="flags"),
    path("flags/<int:pk>", flags.FlagView.as_view(), name="flag"),
    path("deployments/<deployment:deployment_id>/flags", flags.FlagCountsView.as_view(), name="deployment-flags"),
    path("deployments/<deployment:deployment_id>/fairness", fairness.FairnessView.as_view(), name="fairness"),
    path(
        "deployments/<deployment:deployment_id>/quality-profile",
        quality_profiles.QualityProfileView.as_view(),
        name="quality-profile",
    ),
    path(_REASSESSMENTS, reassessments.ReassessmentsView.as_view(), name="reassessments"),
    path(f"{_REASSESSMENTS}/<int:pk>", reassessments.ReassessmentView.as_view(), name="reassessment"),
    path(
        f"{_REASSESSMENTS}/<int:pk>/cancel", reassessments.CancelReassessmentView.as_view(), name="cancel-reassessment"
    ),
    path("deployments/<deployment:deployment_id>/audits", audits.AuditsView.as_view(), name="audits"),
    path(
        "deployments/<deployment:deployment_id>/refusals",
        refusals.DeploymentRefusalsView.as_view(),
        name="deployment-refusals",
    ),
    path(
        "deployments/<deployment:deployment_id>/judgements/export",
        offline_judging.ExportJudgementsView.as_view(),
        name="judgements-export",
    ),
    path("judges/<int:pk>/agreement", judge_agreement.JudgeAgreementView.as_view(), name="judge-agreement"),
    path(
        "deployments/<deployment:deployment_id>/people-gold",
        judge_agreement.PeopleGoldView.as_view(),
        name="people-gold",
    ),
    path(
        "deployments/<deployment:deployment_id>/judge-consent", judges.JudgeConsentView.as_view(), name="judge-consent"
    ),
    path("judges", judges.JudgesView.as_view(), name="judges"),
    path("judges/<int:pk>", judges.JudgeView.as_view(), name="judge"),
    path("judgements", judges.JudgementsView.as_view(), name="judgements"),
    path("judgements/apply", offline_judging.ApplyJudgementsView.as_view(), name="judgements-apply"),
    path(_RENAMES, renames.ToolRenamesView.as_view(), name="tool-renames"),
    path(f"{_RENAMES}/propose", renames.ProposeToolRenamesView.as_view(), name="propose-tool-renames"),
    path(f"{_RENAMES}/<int:pk>/confirm", renames.ConfirmToolRenameView.as_view(), name="confirm-tool-rename"),
    path(f"{_RENAMES}/<int:pk>/reject", renames.RejectToolRenameView.as_view(), name="reject-tool-rename"),
    path(f"{_RENAMES}/<int:pk>/reopen", renames.ReopenToolRenameView.as_view(), name="reopen-tool-rename"),
    path("prompts", registry.PromptsView.as_view(), name="prompts"),
    path(_PROMPT, registry.PromptView.as_view(), name="prompt"),
    path(f"{_PROMPT}/resolve", resolving.ResolveView.as_view(), name="resolve-prompt"),
    path(f"{_PROMPT}/versions", registry.PromptVersionsView.as_view(), name="prompt-versions"),
    path(_VERSION, registry.PromptVersionView.as_view(), name="prompt-version"),
    path(f"{_VERSION}/archive", registry.ArchivePromptVersionView.as_view(), name="archive-prompt-version"),
    path(f"{_VERSION}/restore", registry.RestorePromptVersionView.as_view(), name="restore-prompt-version"),
    path("training-objections", training_objections.TrainingObjectionsView.as_view(), name="training-objections"),
    path(
        "training-objections/lift",
        training_objections.LiftTrainingObjectionView.as_view(),
        name="lift-training-objection",
    ),
]
