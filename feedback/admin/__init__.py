"""Admin pages of deployments, events, signals, prompts, keys and the ledger; Django finds them here."""

from django.contrib import admin

from feedback.admin.deployments import DeploymentAdmin
from feedback.admin.flags import RaisedFlagAdmin
from feedback.admin.judging.judgements import JudgementAdmin
from feedback.admin.judging.judges import JudgeAdmin
from feedback.admin.keys import ApiKeyAdmin
from feedback.admin.ledger import IngestBatchAdmin, RejectedItemAdmin
from feedback.admin.objections import TrainingObjectionAdmin
from feedback.admin.prompts.prompts import PromptAdmin
from feedback.admin.reasons import RejectionReasonAdmin
from feedback.admin.reassessments import ReassessmentAdmin
from feedback.admin.scoring.judge_agreement import JudgeStandingAdmin
from feedback.admin.scoring.rubrics import RubricVersionAdmin
from feedback.admin.scoring.samples import ScoringSampleAdmin
from feedback.admin.stored import EventAdmin, SignalAdmin
from feedback.admin.tools.renames import ToolRenameAdmin
from feedback.models import (
    ApiKey,
    Deployment,
    Event,
    IngestBatch,
    Judge,
    Judgement,
    JudgeStanding,
    Prompt,
    RaisedFlag,
    Reassessment,
    RejectedItem,
    RejectionReason,
    RubricVersion,
    ScoringSample,
    Signal,
    ToolRename,
    TrainingObjection,
)

admin.site.register(ApiKey, ApiKeyAdmin)
admin.site.register(Deployment, DeploymentAdmin)
admin.site.register(Event, EventAdmin)
admin.site.register(IngestBatch, IngestBatchAdmin)
admin.site.register(RaisedFlag, RaisedFlagAdmin)
admin.site.register(JudgeStanding, JudgeStandingAdmin)
admin.site.register(Prompt, PromptAdmin)
admin.site.register(Judge, JudgeAdmin)
admin.site.register(Judgement, JudgementAdmin)
admin.site.register(RejectedItem, RejectedItemAdmin)
admin.site.register(RejectionReason, RejectionReasonAdmin)
admin.site.register(RubricVersion, RubricVersionAdmin)
admin.site.register(ScoringSample, ScoringSampleAdmin)
admin.site.register(Reassessment, ReassessmentAdmin)
admin.site.register(Signal, SignalAdmin)
admin.site.register(ToolRename, ToolRenameAdmin)
admin.site.register(TrainingObjection, TrainingObjectionAdmin)
