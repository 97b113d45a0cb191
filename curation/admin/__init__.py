"""Registers the admin pages of curated sets."""

from django.contrib import admin

from curation.admin.evaluation_sets import EvaluationSetAdmin
from curation.admin.sets import CuratedExampleAdmin, CuratedSetAdmin
from curation.models import CuratedExample, CuratedSet, EvaluationSet

admin.site.register(CuratedExample, CuratedExampleAdmin)
admin.site.register(CuratedSet, CuratedSetAdmin)
admin.site.register(EvaluationSet, EvaluationSetAdmin)
