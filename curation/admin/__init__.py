"""Registers the admin pages of curated sets, and what they add to those of events and deployments."""

from django.contrib import admin

from curation.admin.evaluation_sets import EvaluationSetAdmin
from curation.admin.golden import GoldenSetAdmin
from curation.admin.reasons import DropReasonAdmin
from curation.admin.rows import CuratedExampleAdmin, CuratedPairAdmin
from curation.admin.sets import CuratedSetAdmin
from curation.admin.traffic import CuratableDeploymentAdmin, CuratableEventAdmin
from curation.models import CuratedExample, CuratedPair, CuratedSet, DropReason, EvaluationSet, GoldenSet
from feedback.models import Deployment, Event

admin.site.register(CuratedExample, CuratedExampleAdmin)
admin.site.register(CuratedPair, CuratedPairAdmin)
admin.site.register(CuratedSet, CuratedSetAdmin)
admin.site.register(DropReason, DropReasonAdmin)
admin.site.register(EvaluationSet, EvaluationSetAdmin)
admin.site.register(GoldenSet, GoldenSetAdmin)
admin.site.unregister(Deployment)
admin.site.register(Deployment, CuratableDeploymentAdmin)
admin.site.unregister(Event)
admin.site.register(Event, CuratableEventAdmin)
