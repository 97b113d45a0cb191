"""The console's pages of drift, triggers and alerts; Django finds them here."""

from django.contrib import admin

from drift import models
from drift.admin.alerts import AlertChannelAdmin, AlertDeliveryAdmin
from drift.admin.comparisons import ArmComparisonAdmin
from drift.admin.reports import DriftReportAdmin
from drift.admin.trigger_rules import TriggerRuleAdmin
from drift.admin.triggers import TriggerEvaluationAdmin, TriggerFiringAdmin

admin.site.register(models.DriftReport, DriftReportAdmin)
admin.site.register(models.ArmComparison, ArmComparisonAdmin)
admin.site.register(models.TriggerEvaluation, TriggerEvaluationAdmin)
admin.site.register(models.TriggerFiring, TriggerFiringAdmin)
admin.site.register(models.TriggerRule, TriggerRuleAdmin)
admin.site.register(models.AlertChannel, AlertChannelAdmin)
admin.site.register(models.AlertDelivery, AlertDeliveryAdmin)
