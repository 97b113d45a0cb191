"""Filters of the event and signal lists; their choices come from small tables, never from the rows themselves."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.admin import ListFilter, SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.utils import timezone

from feedback.choices import FlagKind, FlagState, SignalState, SignalType
from feedback.console.presentation import HIGH_CHECKS, LOW_CHECKS
from feedback.flagging import shown
from feedback.models import Deployment
from feedback.rollups import reading
from feedback.rollups.trends import RANGES

SHOWN_VERSIONS = 100


def _with_chosen(names: Iterable[str], chosen: str | None) -> list[tuple[str, str]]:
    """The choices, plus the current value if it is not among them."""
    return [(name, name) for name in dict.fromkeys([*names, chosen]) if name]


def _is_of_one(request) -> bool:
    """Whether the page is that of one record, which keeps the filters of its list without offering others."""
    return bool(request.resolver_match) and request.resolver_match.url_name.endswith("_change")


class StoredFilter(SimpleListFilter):
    """A filter that restricts fields of the EventFilter or SignalFilter its list is read with."""

    def fields(self) -> dict[str, Any]:
        raise NotImplementedError


class DeploymentFilter(StoredFilter):
    title = "deployment"
    parameter_name = "deployment_id"

    def lookups(self, request, model_admin):
        names = [] if _is_of_one(request) else Deployment.objects.listed().values_list("id", flat=True)
        return _with_chosen(names, self.value())

    def fields(self):
        return {"deployment_id": self.value() or None}

    def queryset(self, request, queryset):
        return queryset.filter(deployment_id=self.value()) if self.value() else queryset


class ArchivedFilter(SimpleListFilter):
    """Of the list of deployments: without a choice the archived ones are left out."""

    title = "archived"
    parameter_name = "archived"

    def lookups(self, request, model_admin):
        return [("only", "Archived"), ("any", "All")]

    def choices(self, changelist):
        without_a_choice, *others = super().choices(changelist)
        yield {**without_a_choice, "display": "Not archived"}
        yield from others

    def queryset(self, request, queryset):
        shown = {"only": queryset.archived(), "any": queryset}
        return shown.get(self.value(), queryset.listed())


class ModelVersionFilter(StoredFilter):
    title = "model version"
    parameter_name = "model_version_id"

    def lookups(self, request, model_admin):
        if _is_of_one(request):
            return _with_chosen([], self.value())
        end = timezone.now() + timedelta(hours=1)
        recent = reading.model_versions(request.GET.get("deployment_id", ""), end - RANGES["90d"][1], end)
        return _with_chosen(recent[:SHOWN_VERSIONS], self.value())

    def fields(self):
        return {"model_version_id": self.value() or None}


class ChecksFilter(StoredFilter):
    title = "checks"
    parameter_name = "checks"

    def lookups(self, request, model_admin):
        return [
            ("high", f"{HIGH_CHECKS} and above"),
            ("middle", f"{LOW_CHECKS} to {HIGH_CHECKS}"),
            ("low", f"Below {LOW_CHECKS}"),
        ]

    def fields(self):
        bands = {
            "high": {"min_quality": HIGH_CHECKS},
            "middle": {"min_quality": LOW_CHECKS, "quality_below": HIGH_CHECKS},
            "low": {"quality_below": LOW_CHECKS},
        }
        return bands.get(self.value(), {})


class LiveSignalFilter(StoredFilter):
    title = "signal"
    parameter_name = "signal"

    def lookups(self, request, model_admin):
        return SignalType.choices

    def fields(self):
        return {"signal": self.value() or None}


class FlagFilter(StoredFilter):
    title = "flag"
    parameter_name = "flag"

    def __init__(self, request, params, model, model_admin):
        super().__init__(request, params, model, model_admin)
        self._deployment_id = request.GET.get("deployment_id") or None

    def lookups(self, request, model_admin):
        return [*FlagState.choices, *FlagKind.choices]

    def fields(self):
        return {"ids": shown.event_ids(self.value(), deployment_id=self._deployment_id)} if self.value() else {}


class OrderFilter(StoredFilter):
    """Not which events, but in what order: those alone that have evidence can be ranked."""

    title = "order"
    parameter_name = "order"
    WORST = "worst"

    def lookups(self, request, model_admin):
        return [(self.WORST, "Worst first")]

    def choices(self, changelist):
        without_a_choice, *others = super().choices(changelist)
        yield {**without_a_choice, "display": "Newest first"}
        yield from others

    def fields(self):
        return {}


class SignalTypeFilter(StoredFilter):
    title = "type"
    parameter_name = "type__exact"

    def lookups(self, request, model_admin):
        return SignalType.choices

    def fields(self):
        return {"types": [self.value()]} if self.value() else {}


class StateFilter(StoredFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return SignalState.choices

    def fields(self):
        return {"state": SignalState(self.value())} if self.value() in SignalState.values else {}


class TimeFilter(ListFilter):
    """The last hours or days, or the window between two moments that other pages link to."""

    title = "time"
    from_parameter, to_parameter = window_parameters = ["occurred_at__gte", "occurred_at__lt"]
    parameter_names = ["range", *window_parameters]

    def __init__(self, request, params, model, model_admin):
        super().__init__(request, params, model, model_admin)
        self.used_parameters = {name: params.pop(name)[-1] for name in self.expected_parameters() if name in params}

    def expected_parameters(self):
        return self.parameter_names

    def has_output(self):
        return True

    def fields(self):
        starts = [self._moment(self.from_parameter)]
        if (key := self.used_parameters.get("range")) in RANGES:
            starts.append(timezone.now() - RANGES[key][1])
        return {
            "occurred_from": max(filter(None, starts), default=None),
            "occurred_to": self._moment(self.to_parameter),
        }

    def choices(self, changelist):
        key, window = self.used_parameters.get("range"), self._window()
        yield {
            "selected": key not in RANGES and not window,
            "query_string": changelist.get_query_string(remove=self.expected_parameters()),
            "display": "All",
        }
        for name, (label, _, _) in RANGES.items():
            yield {
                "selected": name == key,
                "query_string": changelist.get_query_string({"range": name}, remove=self.window_parameters),
                "display": f"Last {label}",
            }
        if window:
            yield {"selected": True, "query_string": changelist.get_query_string(remove=["range"]), "display": window}

    def _window(self) -> str:
        bounds = [("from", self._moment(self.from_parameter)), ("to", self._moment(self.to_parameter))]
        return " ".join(f"{word} {moment:%Y-%m-%d %H:%M}" for word, moment in bounds if moment)

    def _moment(self, name: str) -> datetime | None:
        text = self.used_parameters.get(name)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(f"{name} is not a time.") from error
