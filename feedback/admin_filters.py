"""Filters of the event and signal lists; their choices come from small tables, never from the rows themselves."""

import math
from datetime import timedelta

from django.contrib.admin import SimpleListFilter
from django.utils import timezone

from feedback.choices import SignalType
from feedback.models import Deployment, MetricRollup
from feedback.presentation import GOOD_QUALITY, POOR_QUALITY
from feedback.trends import EVENTS, RANGES

SHOWN_VERSIONS = 100


class DeploymentFilter(SimpleListFilter):
    title = "deployment"
    parameter_name = "deployment_id"

    def lookups(self, request, model_admin):
        return [(name, name) for name in Deployment.objects.values_list("id", flat=True)]

    def queryset(self, request, queryset):
        return queryset.filter(deployment_id=self.value()) if self.value() else queryset


class ModelVersionFilter(SimpleListFilter):
    title = "model version"
    parameter_name = "model_version_id"

    def lookups(self, request, model_admin):
        recent = MetricRollup.objects.of_metrics(EVENTS).in_deployment(request.GET.get("deployment_id", ""))
        recent = recent.between(timezone.now() - RANGES["90d"][1], timezone.now() + timedelta(hours=1))
        return [(name, name) for name in recent.versions()[:SHOWN_VERSIONS]]

    def queryset(self, request, queryset):
        return queryset.filter(model_version_id=self.value()) if self.value() else queryset


class RangeFilter(SimpleListFilter):
    title = "time"
    parameter_name = "range"

    def lookups(self, request, model_admin):
        return [(key, f"Last {label}") for key, (label, _, _) in RANGES.items()]

    def queryset(self, request, queryset):
        if self.value() not in RANGES:
            return queryset
        return queryset.since(timezone.now() - RANGES[self.value()][1])


class QualityFilter(SimpleListFilter):
    title = "quality"
    parameter_name = "quality"

    def lookups(self, request, model_admin):
        return [
            ("good", f"Good, {GOOD_QUALITY} and above"),
            ("fair", f"Fair, {POOR_QUALITY} to {GOOD_QUALITY}"),
            ("poor", f"Poor, below {POOR_QUALITY}"),
        ]

    def queryset(self, request, queryset):
        bands = {"good": (GOOD_QUALITY, math.inf), "fair": (POOR_QUALITY, GOOD_QUALITY), "poor": (0, POOR_QUALITY)}
        return queryset.scored_between(*bands[self.value()]) if self.value() in bands else queryset


class SignalFilter(SimpleListFilter):
    title = "signal"
    parameter_name = "signal"

    def lookups(self, request, model_admin):
        return SignalType.choices

    def queryset(self, request, queryset):
        return queryset.with_live_signal(self.value()) if self.value() else queryset


class StateFilter(SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("live", "Live"), ("history", "History"), ("waiting", "Waiting for its event")]

    def queryset(self, request, queryset):
        states = {"live": queryset.live, "history": queryset.replaced, "waiting": queryset.waiting}
        return states[self.value()]() if self.value() in states else queryset
