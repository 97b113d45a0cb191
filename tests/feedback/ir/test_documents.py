"""The JSON of each structure: all fields, their defaults, and what is read."""

import json
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from feedback import ir
from tests.feedback.ir.minimal import MINIMAL


def _named(kind):
    return kind.__name__


def test_every_structure_is_described_here():
    assert set(MINIMAL) == set(ir.STRUCTURES)


@pytest.mark.parametrize("kind", MINIMAL, ids=_named)
def test_a_structure_is_written_with_all_fields_and_its_defaults(kind):
    given, written = MINIMAL[kind]

    value = ir.from_json(json.dumps(given), kind)

    assert json.loads(ir.to_json(value)) == written
    assert ir.from_json(ir.to_json(value), kind) == value
    assert ir.from_map(given, kind) == value
    assert ir.validate(value) == []


@pytest.mark.parametrize("kind", MINIMAL, ids=_named)
def test_unknown_keys_are_dropped_at_every_depth(kind):
    given, written = MINIMAL[kind]

    assert json.loads(ir.to_json(ir.from_json(json.dumps(_with_unknown(given)), kind))) == written


def _with_unknown(value):
    if isinstance(value, list):
        return [_with_unknown(one) for one in value]
    return (
        {name: _with_unknown(one) for name, one in value.items()} | {"unheard": 1} if isinstance(value, dict) else value
    )


@pytest.mark.parametrize("kind", MINIMAL, ids=_named)
def test_a_key_that_is_required_may_be_null_but_not_missing(kind):
    given, written = MINIMAL[kind]
    required = {one.name for one in msgspec.structs.fields(kind) if one.required}

    assert required == set(given)
    for name in required:
        with pytest.raises(ir.InvalidDocument, match=f"Object missing required field `{name}`"):
            ir.from_map({key: value for key, value in given.items() if key != name}, kind)
        assert json.loads(ir.to_json(ir.from_map(given | {name: None}, kind))) == written | {name: None}


@pytest.mark.parametrize("kind", MINIMAL, ids=_named)
def test_null_in_an_optional_field_stays_null(kind):
    given, written = MINIMAL[kind]
    nulls = dict.fromkeys(written.keys() - given.keys())

    assert json.loads(ir.to_json(ir.from_map(given | nulls, kind))) == written | nulls


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "Expected `object`, got `array`"),
        ("null", "Expected `object`, got `null`"),
        ("{", "Input data was truncated"),
        ("", "Input data was truncated"),
        ('{"id": 5}', r"Expected `str \| null`, got `int` - at `\$.id`"),
        ('{"id": "a", "profile": ["b"]}', r"Expected `str \| null`, got `array` - at `\$.profile`"),
        ('{"id": "a", "fallback": {}}', r"Object missing required field `id` - at `\$.fallback`"),
        ('{"id": "a", "options": {"x": 1e9999}}', "Number out of range"),
        ('{"fallback": ' * 5_000, "recursion"),
    ],
)
def test_what_is_no_such_structure_is_an_error(text, message):
    with pytest.raises(ir.InvalidDocument, match=message):
        ir.from_json(text, ir.BackendRef)


def test_values_of_maps_are_kept_to_the_digit():
    options = '{"n":12345678901234567890123,"d":0.1000000000000000000001,"f":1.0,"i":1,"z":[null,true,"é"]}'
    text = f'{{"name":"a","module":null,"options":{options},"enabled":true}}'

    assert ir.to_json(ir.from_json(text, ir.StageDef)) == text


@pytest.mark.parametrize(("sent", "written"), [("1", "1"), ("1.0", "1.0"), ("0.5", "0.5")])
def test_whole_numbers_stay_whole(sent, written):
    assert f'"sampling_rate":{written},' in ir.to_json(ir.from_json(f'{{"sampling_rate":{sent}}}', ir.FeedbackConfig))


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("2026-05-04T12:00:00Z", "2026-05-04T12:00:00Z"),
        ("2026-05-04T14:00:00+02:00", "2026-05-04T12:00:00Z"),
        ("2026-05-04T12:00:00.25Z", "2026-05-04T12:00:00.250000Z"),
    ],
)
def test_instants_are_written_in_utc(sent, written):
    event = ir.from_map({"id": "e", "timestamp": sent}, ir.FeedbackEvent)

    assert json.loads(ir.to_json(event))["timestamp"] == written
    assert event.timestamp.tzinfo is UTC


def test_an_instant_of_python_is_in_utc_too():
    event = ir.FeedbackEvent(id="e", timestamp=datetime(2026, 5, 4, 14, tzinfo=timezone(timedelta(hours=2))))

    assert event.timestamp == datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert '"timestamp":"2026-05-04T12:00:00Z"' in ir.to_json(event)


@pytest.mark.parametrize("sent", ["2026-05-04T12:00:00", "yesterday", 1777896000])
def test_an_instant_needs_a_zone(sent):
    with pytest.raises(ir.InvalidDocument):
        ir.from_map({"id": "e", "timestamp": sent}, ir.FeedbackEvent)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("thumbs", "up"),
        ("thumbs", "down"),
        ("rating", 5),
        ("correction", {"original": "four", "corrected": "five"}),
        ("label", {"label": "spam", "confidence": 0.95}),
        ("flag", {"reason": "rude", "severity": "high"}),
        ("applause", [1, None]),
    ],
)
def test_values_of_feedback_are_kept_as_they_are(kind, value):
    event = ir.from_map({"id": "e", "feedback_type": kind, "feedback_value": value, "latency_ms": -1}, ir.FeedbackEvent)

    assert (event.feedback_type, event.feedback_value, ir.validate(event)) == (kind, value, [])
    assert ir.from_json(ir.to_json(event), ir.FeedbackEvent) == event
