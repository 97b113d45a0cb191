"""Pages of one example or pair of a set. Their lists are on the page of the set."""

from django.http import HttpResponseRedirect
from django.urls import reverse

from curation.admin import row_page
from feedback.console.record_admin import RecordAdmin

VIEW_SETS = "curation.view_curatedset"


class RowAdmin(RecordAdmin):
    """A row is shown to those who may view its set."""

    fields = []

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("curated_set")

    def changelist_view(self, request, extra_context=None):
        return HttpResponseRedirect(reverse("admin:curation_curatedset_changelist"))

    def has_module_permission(self, request):
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(VIEW_SETS)


class CuratedExampleAdmin(RowAdmin):
    change_form_template = "curation/curated_example.html"

    def page(self, request, example):
        return row_page.of_example(example)


class CuratedPairAdmin(RowAdmin):
    change_form_template = "curation/curated_pair.html"

    def page(self, request, pair):
        return row_page.of_pair(pair)
