"""The form of a request for a set. Its fields are named as in the body of the API, which also checks them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from django import forms
from django.conf import settings
from django.forms.boundfield import BoundField

from curation.admin.request_words import FILTERS
from curation.choices import Strategy
from curation.serializers.requests import CuratedSetRequestSerializer, first_messages
from curation.sets.defaults import default_strategies, without_client
from curation.strategies.registry import STRATEGIES
from feedback.models import Deployment

_LISTS = {"filters.tags": ",", "filters.checks": ",", "filters.event_ids": None}
_OBJECTS = ("filters.metadata", "segments.shares")
_NUMBERS = ("limit", "seed", "filters.min_quality", "filters.min_p_good", "filters.max_p_good", "filters.min_users")
# The parameter that decides most, by strategy.
_THRESHOLDS = {
    Strategy.HIGH_QUALITY: "min_p_good",
    Strategy.HARD_EXAMPLE: "max_p_good",
    Strategy.DIVERSE: "accept_p_good",
    Strategy.FARTHEST_FROM_CENTROID: "accept_p_good",
    Strategy.CONSISTENT_CALL: "min_fit",
}
_HINTS = {
    "filters.from": "UTC, such as 2026-03-01 12:00. Inclusive.",
    "filters.to": "UTC. Exclusive.",
    "filters.tags": "Separated by commas.",
    "filters.metadata": 'A JSON object, such as {"plan": "pro"}.',
    "filters.checks": "Names separated by commas, such as refusal.",
    "filters.min_quality": "From 0 to 1.",
    "filters.min_p_good": "From 0 to 1. Leaves out events without evidence.",
    "filters.max_p_good": "From 0 to 1. Leaves out events without evidence.",
    "filters.event_ids": "Separated by spaces or lines.",
    "filters.q": "Of the prompt or the response.",
    "splits.validation": "From 0 to 0.5, of the groups.",
    "splits.test": "From 0 to 0.5, of the groups.",
    "segments.key": "language, model_version, experiment or metadata.KEY.",
    "segments.shares": 'A JSON object, such as {"de": 0.3}.',
}


class CurateForm(forms.Form):
    """`body` is the request, checked as the API checks it."""

    name = forms.CharField(required=False, initial="curated", help_text="Reusing a name creates its next version.")
    limit = forms.CharField(required=False, help_text="Accepted examples, at most.")
    seed = forms.CharField(
        required=False, initial="0", help_text="The same events, request and seed give the same set."
    )
    only_new = forms.BooleanField(
        required=False, label="Leave out events that a published export holds, in an example or a pair"
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        listed = Deployment.objects.listed()
        self.fields["deployment"] = forms.ModelChoiceField(listed, empty_label="Select a deployment")
        self.fields["limit"].initial = settings.CURATION_LIMIT
        default, missing = default_strategies(), without_client(STRATEGIES)
        for strategy in STRATEGIES:
            label = Strategy(strategy).label
            self.fields[f"strategies.{strategy}"] = forms.BooleanField(
                required=False,
                initial=strategy in default,
                label=f"{label} (needs EMBEDDING_CLIENT)" if strategy in missing else label,
            )
            self.fields[f"shares.{strategy}"] = forms.CharField(required=False, label=f"Share of {label}")
            if name := _THRESHOLDS.get(Strategy(strategy)):
                self.fields[f"parameters.{strategy}.{name}"] = forms.CharField(
                    required=False,
                    label=f"{name} of {label}",
                    initial=_default(f"parameters.{strategy}.{name}"),
                )
        for name, label in FILTERS.items():
            self.fields[f"filters.{name}"] = forms.CharField(required=False, label=label)
        self.fields["segments.key"] = forms.CharField(required=False, label="Divide by")
        self.fields["segments.shares"] = forms.CharField(required=False, label="Shares by value")
        for name in ("validation", "test"):
            self.fields[f"splits.{name}"] = forms.CharField(required=False, label=f"Share of {name}")
        self.body: dict[str, Any] = {}
        self._dress()

    def _dress(self) -> None:
        for name, field in self.fields.items():
            field.help_text = field.help_text or _HINTS.get(name, "")
            if isinstance(field, forms.BooleanField):
                continue
            if name in _OBJECTS or name == "filters.event_ids":
                field.widget = forms.Textarea(attrs={"rows": 2})
                field.widget.attrs["class"] = "cf-textarea"
            else:
                field.widget.attrs["class"] = "cf-select" if name == "deployment" else "cf-input"
            if name in _NUMBERS or name.startswith(("shares.", "parameters.", "splits.")):
                field.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
            if name.startswith(("shares.", "parameters.")):
                field.widget.attrs["aria-label"] = field.label
                field.parameter = name.split(".")[-1]

    def clean(self):
        body, errors = _body(self.cleaned_data)
        request = CuratedSetRequestSerializer(data=body)
        if not request.is_valid():
            errors = {**dict(first_messages(request.errors)), **errors}
        for path, message in errors.items():
            self._add(path, message)
        self.body = {} if errors else request.validated_data

    def _add(self, path: str, message: str) -> None:
        """To the field of this path, or else to the form, with the name of what is wrong."""
        parts = path.split(".")
        for end in range(len(parts), 0, -1):
            if (name := ".".join(parts[:end])) in self.fields:
                return self.add_error(name, message)
        return self.add_error(None, f"{parts[0].capitalize()}: {message}")

    @property
    def rows(self) -> Iterator[tuple[BoundField, BoundField, BoundField | None]]:
        """The strategy, its share and its threshold, for each strategy."""
        for strategy in STRATEGIES:
            name = _THRESHOLDS.get(Strategy(strategy))
            threshold = self[f"parameters.{strategy}.{name}"] if name else None
            yield self[f"strategies.{strategy}"], self[f"shares.{strategy}"], threshold

    @property
    def filters(self) -> list[BoundField]:
        return [self[f"filters.{name}"] for name in FILTERS]

    @property
    def is_filtered(self) -> bool:
        return _is_filled(self.filters)

    @property
    def segments(self) -> list[BoundField]:
        return [self["segments.key"], self["segments.shares"]]

    @property
    def is_divided(self) -> bool:
        return _is_filled(self.segments)

    @property
    def splits(self) -> list[BoundField]:
        return [self["splits.validation"], self["splits.test"]]

    @property
    def is_split(self) -> bool:
        return _is_filled(self.splits)


def _is_filled(fields: Iterable[BoundField]) -> bool:
    """Whether a part of the form holds something, so that it is shown unfolded."""
    return any(field.value() or field.errors for field in fields)


def _body(cleaned: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The body of the API's request, and errors by path of what cannot be read."""
    chosen = [name.partition(".")[2] for name, value in cleaned.items() if name.startswith("strategies.") and value]
    body: dict[str, Any] = {"strategies": chosen, "only_new": bool(cleaned.get("only_new"))}
    errors: dict[str, str] = {}
    for path, value in cleaned.items():
        if value in ("", None) or path in ("deployment", "only_new") or path.startswith("strategies."):
            continue
        if path.startswith("parameters.") and (_strategy(path) not in chosen or value == _default(path)):
            continue
        *parents, last = path.split(".")
        within = body
        for parent in parents:
            within = within.setdefault(parent, {})
        try:
            within[last] = _value(path, value)
        except ValueError:
            errors[path] = "Give a JSON object."
    return body, errors


def initial_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """What the form shows for a body of the API's request."""
    chosen = request.get("strategies") or default_strategies()
    return {**{f"strategies.{name}": name in chosen for name in STRATEGIES}, **dict(_shown(request))}


def _shown(values: Mapping[str, Any], parents: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        path = f"{parents}{name}"
        if path in _OBJECTS:
            yield path, orjson.dumps(value).decode()
        elif path in _LISTS:
            yield path, (_LISTS[path] or "\n").join(value)
        elif isinstance(value, Mapping):
            yield from _shown(value, f"{path}.")
        elif path != "strategies":
            yield path, f"{value:g}" if isinstance(value, float) else value


def _strategy(path: str) -> str:
    return path.split(".")[1]


def _default(path: str) -> str:
    """The default of a parameter, as the form shows it."""
    _, strategy, name = path.split(".")
    return f"{STRATEGIES[strategy].parameters[name].default:g}"


def _value(path: str, value: str) -> Any:
    if path in _LISTS:
        return [part.strip() for part in value.split(_LISTS[path]) if part.strip()]
    if path in _OBJECTS:
        return read_object(value)
    return value


def read_object(text: str) -> dict[str, Any]:
    """A JSON object. Raises ValueError for any other text."""
    found = orjson.loads(text)
    if not isinstance(found, dict):
        raise ValueError(text)
    return found
