"""Query parameters: one that a view does not name is an error, as an unknown field of a body is."""

from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import SAFE_METHODS, BasePermission

from feedback.field_errors import printable


class KnownParameters(BasePermission):
    """A view names the parameters of GET by the fields of its serializer `query`; a list has those of its pages too."""

    def has_permission(self, request, view):
        if request.method in SAFE_METHODS and (unknown := sorted(set(request.query_params) - known_to(view))):
            raise ValidationError(
                {
                    name: ErrorDetail(f"{name} is not a query parameter of this resource", "unknown_field")
                    for name in map(printable, unknown)
                }
            )
        return True


def known_to(view) -> set[str]:
    """The names of the query parameters of this view."""
    query = getattr(view, "query", None)
    names = set(query().fields) if query else set()
    if isinstance(view, ListModelMixin):
        names |= {parameter["name"] for parameter in view.paginator.get_schema_operation_parameters(view)}
    return names
