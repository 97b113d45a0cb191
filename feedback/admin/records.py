"""Admin pages whose rows come from the event store."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.admin import ShowFacets
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.paginator import Paginator
from django.http import QueryDict
from unfold.views import ChangeList

from feedback.admin.filters import OrderFilter, StoredFilter, TimeFilter
from feedback.console.record_admin import RecordAdmin
from feedback.evidence.keeping import worst_first
from feedback.stores import pages, schema
from feedback.stores.pages import Filter

CURSOR_VAR = "cursor"
# Counting ends here, so that a list of millions opens as fast as one of thousands.
COUNTED = 1_000


class CursorPaginator(Paginator):
    """Unfold asks it for the template of the links below a list."""

    template_name = "console/cursor_links.html"


class StoredList(ChangeList):
    """One page of a list, starting at a cursor, so that new rows do not shift it: newest first, or worst first."""

    # What the links to other pages are called: to the first one, the one before and the next.
    links = ("Newest", "Newer", "Older")

    def get_queryset(self, request, exclude_parameters=None):
        self.cursor = request.GET.get(CURSOR_VAR)
        for given in (self.params, self.filter_params):
            given.pop(CURSOR_VAR, None)
        try:
            self.filter_specs, self.has_filters, _, _, self.has_active_filters = self.get_filters(request)
        except DisallowedModelAdminLookup as error:
            raise IncorrectLookupParameters(str(error)) from error
        self.clear_all_filters_qs = self.get_query_string(remove=self.get_filters_params())
        self.where = self.model_admin.restricted(self.filter_specs, self.query)
        self.is_worst_first = is_worst_first(self.filter_specs)
        if self.is_worst_first:
            self.links = ("Worst", "Worse", "Better")
        return self.root_queryset

    def get_results(self, request):
        page = self._page()
        self.result_list = [self.model_admin.instance(row) for row in page.rows]
        self.model_admin.complete(self.result_list)
        self.newest = self.get_query_string() if self.cursor else None
        self.newer, self.older = self._link(page.previous), self._link(page.next)
        self.result_count = self.full_result_count = self._count(page)
        self.can_show_all = self.multi_page = self.show_full_result_count = self.show_admin_actions = False
        self.paginator = self.model_admin.get_paginator(request, self.result_list, self.list_per_page)

    @property
    def counted(self) -> str:
        if self.result_count is None:
            return f"{len(self.result_list)} {self.opts.verbose_name_plural} on this page"
        name = self.opts.verbose_name if self.result_count == 1 else self.opts.verbose_name_plural
        more = "+" if self.result_count == COUNTED else ""
        return f"{self.result_count:,}{more} {name}"

    def _page(self) -> pages.StoredPage:
        columns, size = self.model_admin.list_columns, self.list_per_page
        read = worst_first.page if self.is_worst_first else pages.page
        try:
            page = read(self.where, columns, size=size, cursor=self.cursor)
        except pages.InvalidCursor as error:
            raise IncorrectLookupParameters(str(error)) from error
        if self.cursor and not page.rows and not page.next:
            self.cursor = None
            page = read(self.where, columns, size=size)
        return page

    def _count(self, page: pages.StoredPage) -> int | None:
        is_all = page.next is None and page.previous is None
        count = worst_first.count if self.is_worst_first else pages.count
        return len(page.rows) if is_all else count(self.where, at_most=COUNTED)

    def _link(self, cursor: str | None) -> str | None:
        return self.get_query_string({CURSOR_VAR: cursor}) if cursor else None


def is_worst_first(filters: Iterable[StoredFilter | TimeFilter]) -> bool:
    """Whether these filters ask for the order by evidence."""
    return any(isinstance(one, OrderFilter) and one.value() == OrderFilter.WORST for one in filters)


class StoredAdmin(RecordAdmin):
    """Shows what matches `everything`; of rows in its list only `list_columns` are read."""

    paginator = CursorPaginator
    show_facets = ShowFacets.NEVER
    search_fields = ["id"]
    sortable_by = []
    everything: Filter
    list_columns: Sequence[str]

    def get_queryset(self, request):
        """No rows: Django's own database queries find nothing."""
        return super().get_queryset(request).none()

    def get_changelist(self, request, **kwargs):
        return StoredList

    def find(self, request, object_id, from_field=None):
        row = self.row(request, object_id)
        return None if row is None else self.instance(row)

    def row(self, request, object_id: str) -> schema.Row | None:
        """The row of this id, read once per request."""
        if not hasattr(request, "stored_row"):
            request.stored_row = self._read(object_id)
        return request.stored_row

    def _read(self, object_id: str) -> schema.Row | None:
        try:
            where = replace(self.everything, ids=[UUID(object_id)])
        except ValueError:
            return None
        return next(iter(pages.read(where, [field.name for field in self.opts.fields], limit=1)), None)

    def instance(self, row: schema.Row):
        """An unsaved instance of the model, as Django's pages need one."""
        values = {name: value for name, value in row.items() if name != "truncated"}
        return self.model(**{name: self.opts.get_field(name).to_python(value) for name, value in values.items()})

    def complete(self, instances: Sequence[Any]) -> None:
        """Adds to the instances of a page what their lines show besides `list_columns`."""

    def restricted(self, filters: Iterable[StoredFilter | TimeFilter], search: str) -> Filter:
        fields = {name: value for one in filters for name, value in one.fields().items()}
        return replace(self.everything, **fields, named=search.strip() or None)

    def where_of(self, request, query: str) -> tuple[Filter, bool]:
        """The filter of the list with this query string, and whether it begins with the worst; no filter if the query
        string is invalid.
        """
        if "%00" in query:
            return self.everything, False
        try:
            return self.asked_for(request, query)
        except IncorrectLookupParameters:
            return self.everything, False

    def asked_for(self, request, query: str) -> tuple[Filter, bool]:
        """The filter of the list with this query string, and whether it begins with the worst.

        Raises IncorrectLookupParameters.
        """
        params = dict(QueryDict(query).lists())
        search = params.get(SEARCH_VAR, [""])[-1]
        filters = [one(request, params, self.model, self) for one in self.list_filter]
        return self.restricted(filters, search), is_worst_first(filters)
