"""Which filters the address of a list may name."""

from collections.abc import Iterator

_LOOKUPS = ("", "__exact", "__in", "__isnull", "__id__exact")


class NamedFilters:
    """Mixin of every admin page: its list is filtered by what `list_filter` names and by nothing else.

    Django allows any lookup on a model's own fields, so a secret that no page shows could be guessed letter by letter
    through an address such as ?secret__startswith=a.
    """

    def lookup_allowed(self, lookup, value, request):
        return lookup in {name for one in self.get_list_filter(request) for name in _parameters(one)}


def _parameters(list_filter) -> Iterator[str]:
    """The query parameters of one entry of `list_filter`: a field, a field with a class, or a class."""
    if isinstance(list_filter, type):
        yield from getattr(list_filter, "parameter_names", None) or [list_filter.parameter_name]
    else:
        field = list_filter if isinstance(list_filter, str) else list_filter[0]
        yield from (f"{field}{lookup}" for lookup in _LOOKUPS)
