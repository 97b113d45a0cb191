"""Registers the admin pages of curated sets."""

from django.contrib import admin

from curation.admin.sets import CuratedExampleAdmin, CuratedSetAdmin
from curation.models import CuratedExample, CuratedSet

admin.site.register(CuratedExample, CuratedExampleAdmin)
admin.site.register(CuratedSet, CuratedSetAdmin)
