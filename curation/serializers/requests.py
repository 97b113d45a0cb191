"""The request for a curated set: strategies with parameters, filters and shares."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from rest_framework import serializers

from curation.candidates import segments
from curation.choices import DEFAULT_STRATEGIES, MAX_LIMIT, MAX_NAME_CHARACTERS, SELECTING
from curation.sets.defaults import default_strategies, without_client
from curation.strategies.registry import InvalidParameters, check_parameters
from feedback.serializers.base import StrictSerializer

MAX_SEED = 2**31 - 1
MAX_EVENT_IDS = 10_000
_SHARE = {"min_value": 0, "max_value": 1}
_MOMENT = {"required": False, "default_timezone": UTC}


class FiltersSerializer(StrictSerializer):
    """Which events a set is selected from. `from` is inclusive, `to` exclusive."""

    model_version_id = serializers.CharField(max_length=255, required=False)
    prompt_version = serializers.CharField(max_length=255, required=False)
    experiment = serializers.CharField(max_length=255, required=False)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=255), max_length=50, required=False, help_text="The event has all."
    )
    metadata = serializers.DictField(required=False, help_text="Equal values at these keys.")
    min_quality = serializers.FloatField(**_SHARE, required=False, help_text="Lowest score of the checks.")
    checks = serializers.ListField(
        child=serializers.CharField(max_length=64), max_length=50, required=False, help_text="Checks not failed."
    )
    min_p_good = serializers.FloatField(**_SHARE, required=False)
    max_p_good = serializers.FloatField(**_SHARE, required=False)
    min_users = serializers.IntegerField(min_value=1, required=False, help_text="Users with evidence.")
    event_ids = serializers.ListField(child=serializers.UUIDField(), max_length=MAX_EVENT_IDS, required=False)
    q = serializers.CharField(max_length=1_000, required=False, help_text="Words of the prompt or the response.")

    def get_fields(self):
        moments = {name: serializers.DateTimeField(**_MOMENT) for name in ("from", "to")}
        return {**super().get_fields(), **moments}

    def to_internal_value(self, data):
        """As it is stored: times and ids as text."""
        values = dict(super().to_internal_value(data))
        for name in ("from", "to"):
            if name in values:
                values[name] = values[name].isoformat()
        if "event_ids" in values:
            values["event_ids"] = list(dict.fromkeys(map(str, values["event_ids"])))
        return values


class SegmentsSerializer(StrictSerializer):
    key = serializers.CharField(max_length=255, help_text=f"{segments.KEYS}.")
    shares = serializers.DictField(child=serializers.FloatField(**_SHARE), allow_empty=False)

    def validate_key(self, key):
        if not segments.is_key(key):
            raise serializers.ValidationError(f"Give {segments.KEYS}.", "invalid")
        return key

    def validate_shares(self, shares):
        return _shares(shares)


class SplitsSerializer(StrictSerializer):
    validation = serializers.FloatField(min_value=0, max_value=0.5, required=False)
    test = serializers.FloatField(min_value=0, max_value=0.5, required=False)

    def to_internal_value(self, data):
        return dict(super().to_internal_value(data))


class CuratedSetRequestSerializer(StrictSerializer):
    name = serializers.CharField(max_length=MAX_NAME_CHARACTERS)
    strategies = serializers.ListField(
        child=serializers.ChoiceField([(one.value, one.label) for one in SELECTING]),
        allow_empty=False,
        required=False,
        help_text=f"Default: {', '.join(DEFAULT_STRATEGIES)}; without an embedding client, those that need none.",
    )
    parameters = serializers.DictField(
        child=serializers.DictField(child=serializers.FloatField()),
        required=False,
        help_text="Parameters by strategy, in place of their defaults.",
    )
    filters = FiltersSerializer(required=False)
    shares = serializers.DictField(
        child=serializers.FloatField(**_SHARE), required=False, help_text="Shares of the limit by strategy."
    )
    segments = SegmentsSerializer(required=False, help_text="Shares of the limit by segment.")
    splits = SplitsSerializer(required=False, help_text="Shares of groups held out. Default: none.")
    only_new = serializers.BooleanField(
        required=False, help_text="Leave out events that a published export holds, in an example or a pair."
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=MAX_LIMIT, required=False, help_text="Accepted examples. Default: CURATION_LIMIT."
    )
    seed = serializers.IntegerField(min_value=0, max_value=MAX_SEED, required=False)

    def validate_strategies(self, strategies):
        if missing := without_client(strategies):
            message = (
                f"{', '.join(missing)} needs embeddings. Set EMBEDDING_CLIENT to wordllama or to a client of your own,"
                " or leave it out of strategies."
            )
            raise serializers.ValidationError(message, "no_embedding_client")
        return strategies

    def validate_shares(self, shares):
        return _shares(shares)

    def validate(self, wanted):
        strategies = wanted.get("strategies") or default_strategies()
        try:
            check_parameters(wanted.get("parameters", {}), strategies=strategies)
        except InvalidParameters as error:
            path, _, rest = error.path.partition(".")
            found = {rest: [str(error)]} if rest else [str(error)]
            raise serializers.ValidationError({"parameters": {path: found}}) from error
        if unknown := wanted.get("shares", {}).keys() - set(strategies):
            message = f"{', '.join(sorted(unknown))}: not among the strategies of this set."
            raise serializers.ValidationError({"shares": [message]})
        return wanted


class PreviewRequestSerializer(CuratedSetRequestSerializer):
    """The same, of a set that is not stored and so needs no name."""

    name = serializers.CharField(max_length=MAX_NAME_CHARACTERS, required=False)


def _shares(shares):
    if sum(shares.values()) > 1 + 1e-9:
        raise serializers.ValidationError("Shares add up to 1 at most.", "max_value")
    return shares


def first_messages(errors: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The first message for each path of nested errors."""
    if isinstance(errors, Mapping):
        for name, found in errors.items():
            yield from first_messages(found, f"{path}.{name}" if path else str(name))
    elif isinstance(errors, list) and errors and isinstance(errors[0], Mapping):
        for found in errors:
            yield from first_messages(found, path)
    elif errors:
        yield path.removesuffix(".non_field_errors") or "request", str(errors[0])
