"""Hostile ids, query parameters and forms for every address of the console.

Addresses come from the URL resolver, lookups from the filters of each list, fields from the forms that a page shows.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.db.models import Model
from django.forms import BaseForm
from django.urls import URLPattern, get_resolver

CONSOLE = "admin/"
IDS = ["abc", "9" * 40, "1/../'\"_5F", "0" * 32]
DEEP = '{"a":' * 10_000
TEXTS = ["\0", DEEP, "-1", "9" * 40, "{"]
# Each of these also alone, in a form that is valid otherwise.
ALONE = TEXTS[:2]
PARAMETERS = {
    "p": ["abc", "9" * 40],
    "o": ["1.2.-3.99-"],
    "q": ["\0", "'\"%_\\", "a " * 200],
    "all": ["1"],
    "_facets": ["True"],
    "_to_field": ["password"],
    "cursor": ["abc", "\0"],
    "range": ["abc"],
    "created_at__regex": ["["],
    "created_at__year": ["99999"],
    "nothing": ["1"],
}
ROW_PARAMETERS = {
    "_changelist_filters": ["\0", "deployment_id=%00", "occurred_at__gte=x&p=abc"],
    "_to_field": ["password"],
    "p": ["abc"],
}
INDEX_PARAMETERS = {"range": ["abc"], "deployment": ["abc", "\0"]}
LOOKUPS = {
    "": ["9" * 40, "\0"],
    "__exact": ["abc"],
    "__regex": ["[", "(" * 2_000],
    "__in": ["abc"],
    "__gte": ["99999-01-01"],
    "__range": ["1", "1,2,3"],
    "__isnull": ["x"],
    "__year": ["99999"],
    "__nothing": ["1"],
}
SEARCHES = [
    *({"s": "a", "page": page, **more} for page in ("abc", "0", "9" * 40, "\0") for more in ({}, {"extended": "1"})),
    *({"s": text, "extended": "1"} for text in ("\0", "a" * 5_000)),
]
SOURCE = {"app_label": "django_celery_beat", "model_name": "periodictask", "field_name": "interval"}
AUTOCOMPLETE = [{}, SOURCE, *({**SOURCE, name: value} for name in SOURCE for value in ("\0", "user"))]
SELECTIONS = [
    *({"_selected_action": value} for value in ("abc", "\0", "9" * 40)),
    {"_selected_action": "1", "select_across": "abc", "index": "abc"},
]
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """A path with its parameters in angle brackets, the name of its view, and the model whose admin it belongs to."""

    template: str
    name: str
    model: type[Model] | None = None

    @property
    def app(self) -> str:
        return self.model._meta.app_label if self.model else ""

    def paths(self, ids: Iterable[str]) -> list[str]:
        """The path with each of these ids for its first parameter; without parameters, as it is."""
        first, *others = _CONVERTER.findall(self.template) or [None]
        if first is None:
            return [self.template]
        template = self.template
        for other in others:
            template = template.replace(f"<{other}>", "abc")
        return [template.replace(f"<{first}>", one) for one in ids]

    def queries(self) -> Iterator[dict[str, str]]:
        if self.name == "search":
            yield from SEARCHES
        elif self.name == "autocomplete":
            yield from AUTOCOMPLETE
        elif self.name.endswith("_changelist"):
            yield from _single({**PARAMETERS, **_lookups(self.model)})
        elif self.name.endswith(("_change", "_history", "_add", "_delete")):
            yield from _single(ROW_PARAMETERS)
        else:
            yield from _single(INDEX_PARAMETERS)

    def forms(self, page) -> Iterator[dict]:
        """The forms of this page with a hostile text in all fields, or in one of them."""
        valid = {"username": "a", "password": "b"} if self.name == "login" else _form_of(page.context or {})
        yield from ({**valid, **dict.fromkeys(valid, text)} for text in TEXTS if valid)
        yield from ({**valid, name: text} for name in valid for text in ALONE)
        if self.name.endswith("_changelist"):
            actions = [getattr(one, "__name__", one) for one in admin.site._registry[self.model].actions]
            chosen = ("delete_selected", *actions, "abc", "\0")
            yield from ({"action": action, **selection} for action in chosen for selection in SELECTIONS)


def addresses() -> list[Address]:
    models = {f"{model._meta.app_label}_{model._meta.model_name}_": model for model in admin.site._registry}
    found = {}
    for path, name in _walk(get_resolver().url_patterns, ""):
        if path.startswith(CONSOLE) and "(" not in path:
            owner = next((model for key, model in models.items() if name.startswith(key)), None)
            template = "/" + _CONVERTER.sub(r"<\1>", path)
            found[template] = Address(template, name, owner)
    apps = sorted({model._meta.app_label for model in admin.site._registry})
    return [*found.values(), *(Address(f"/{CONSOLE}{label}/", "app_list") for label in (*apps, "abc"))]


def _walk(patterns, before: str) -> Iterator[tuple[str, str]]:
    for one in patterns:
        path = f"{before}{one.pattern}"
        if isinstance(one, URLPattern):
            yield path, one.name or ""
        else:
            yield from _walk(one.url_patterns, path)


def _single(parameters: dict[str, list[str]]) -> Iterator[dict[str, str]]:
    return ({name: value} for name, values in parameters.items() for value in values)


def _lookups(model: type[Model]) -> dict[str, list[str]]:
    """Lookups of the fields that the list filters by or is divided into years by."""
    model_admin = admin.site._registry[model]
    filters = [getattr(one, "parameter_name", one) for one in model_admin.list_filter]
    fields = [name for name in (*filters, model_admin.date_hierarchy) if isinstance(name, str)]
    return {f"{name}{lookup}": values for name in fields for lookup, values in LOOKUPS.items()}


def _form_of(context) -> dict[str, str | list]:
    """What a browser would send from the forms of this page, unchanged."""
    forms = [context["adminform"].form] if "adminform" in context else []
    forms += [context["form"]] if isinstance(context.get("form"), BaseForm) else []
    for inline in context.get("inline_admin_formsets", []):
        forms += [inline.formset.management_form, *inline.formset.forms, inline.formset.empty_form]
    return {field.html_name: _sent(field.value()) for form in forms for field in form}


def _sent(value) -> str | list:
    return "" if value is None else value if isinstance(value, list) else str(value)
