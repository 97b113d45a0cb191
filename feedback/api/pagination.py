from datetime import UTC, datetime

from django.core.exceptions import ValidationError as InvalidValue
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

from feedback.api.errors import invalid
from feedback.field_errors import FieldError


class NewestFirst(CursorPagination):
    ordering = ("-created_at", "-id")
    page_size_query_param = "page_size"
    max_page_size = 500

    def paginate_queryset(self, queryset, request, view=None):
        name = self.get_ordering(request, queryset, view)[0].lstrip("-")
        self.ordered_by = queryset.model._meta.get_field(name)
        return super().paginate_queryset(queryset, request, view)

    def decode_cursor(self, request):
        try:
            cursor = super().decode_cursor(request)
            if cursor is None or cursor.position is None:
                return cursor
            return cursor._replace(position=self._place(cursor.position))
        except (NotFound, InvalidValue, ValueError, OverflowError) as error:
            message = "This cursor does not belong to this list."
            raise invalid(FieldError("cursor", "invalid", message)) from error

    def _place(self, text: str) -> str:
        """The value in a cursor, as the database takes it."""
        value = self.ordered_by.to_python(text)
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(text)
            value = value.astimezone(UTC)
        return str(value)
