"""Registers the admin pages of exports, and what they add to those of other apps."""

from django.contrib import admin

from curation.models import CuratedSet, GoldenSet
from drift.models import TriggerRule
from exports.admin.sets import ExportableSetAdmin
from exports.admin.trained import TrainingDeploymentAdmin, TrainingExportAdmin
from exports.admin.training_runs import TrainingRunAdmin
from exports.deletions.admin import DeploymentDeletionAdmin
from exports.erasures.admin import ErasableEventAdmin, ErasureAdmin
from exports.gates.console.admin import GatedGoldenSetAdmin, GateRunAdmin
from exports.models import DeploymentDeletion, Erasure, ExportBatch, GateRun, PairwiseRun, PipelineRun, TrainingRun
from exports.pairwise.console.admin import PairwiseRunAdmin
from exports.pipelines.admin import PipelineRunAdmin
from exports.triggered.admin import CuratingTriggerRuleAdmin
from feedback.models import Deployment, Event

admin.site.register(ExportBatch, TrainingExportAdmin)
admin.site.register(TrainingRun, TrainingRunAdmin)
admin.site.register(PipelineRun, PipelineRunAdmin)
admin.site.register(Erasure, ErasureAdmin)
admin.site.register(DeploymentDeletion, DeploymentDeletionAdmin)
admin.site.unregister(Deployment)
admin.site.register(Deployment, TrainingDeploymentAdmin)
admin.site.unregister(Event)
admin.site.register(Event, ErasableEventAdmin)
admin.site.unregister(TriggerRule)
admin.site.register(TriggerRule, CuratingTriggerRuleAdmin)
admin.site.unregister(CuratedSet)
admin.site.register(CuratedSet, ExportableSetAdmin)
admin.site.unregister(GoldenSet)
admin.site.register(GoldenSet, GatedGoldenSetAdmin)
admin.site.register(GateRun, GateRunAdmin)
admin.site.register(PairwiseRun, PairwiseRunAdmin)
