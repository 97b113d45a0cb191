"""FeedbackEvents as events and signals and back, for any values."""

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feedback.ingestion.items import EventItem, SignalItem
from feedback.ir import FeedbackEvent, from_json, to_json
from feedback.ir.choices import FeedbackKind
from feedback.ir.items import NoItems, from_event, to_items
from tests.feedback.ir.strategies import TEXTS, structure

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ASKED = {"prompt": "Why?", "lang": "en"}
LIVE = {"live": True, "retracted": False, "edited_response": None, "occurred_at": NOON}
FULL = FeedbackEvent(id="e", deployment_id="d", input=ASKED, output={"text": "So.", "n": 1}, timestamp=NOON)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    structure(FeedbackEvent),
    st.sampled_from([None, ASKED]),
    st.sampled_from([None, {"text": "So."}]),
    st.sampled_from([None, *FeedbackKind, "copy", "x"]),
)
def test_any_feedback_event_is_items_of_known_fields_or_an_error(given_event, asked, answered, kind):
    sent = replace(given_event, input=asked or given_event.input, output=answered, feedback_type=kind)
    try:
        found = to_items(sent)
    except NoItems:
        return

    assert found.event is not None or found.signal is not None
    assert set(found.event or {}) <= set(EventItem.__struct_fields__)
    assert set(found.signal or {}) <= set(SignalItem.__struct_fields__)
    assert to_items(from_json(to_json(sent), FeedbackEvent)) == found


@given(TEXTS.filter(bool), TEXTS.filter(bool))
def test_different_feedback_events_have_different_ids(one, other):
    ids = [to_items(replace(FULL, id=name)).event_id for name in (one, other)]

    assert (ids[0] == ids[1]) == (one == other)
    assert to_items(replace(FULL, id=one, deployment_id="d2")).event_id != ids[0]


def test_the_order_of_keys_makes_no_other_signal():
    values = [{"label": "spam", "by": "qa"}, {"by": "qa", "label": "spam"}]

    found = [to_items(replace(FULL, feedback_type="label", feedback_value=value)).signal["id"] for value in values]

    assert found[0] == found[1]


def test_an_event_with_three_signals_is_three_feedback_events_that_make_it_again():
    signals = [
        {**LIVE, "type": "label", "value": "bill", "name": "topic"},
        {**LIVE, "type": "edit", "value": None, "edited_response": "Thus."},
        {**LIVE, "type": "thumbs_up", "value": None, "live": False},
        {**LIVE, "type": "thumbs_down", "value": None, "comment": "No."},
        {**LIVE, "type": "report", "value": None, "retracted": True},
    ]
    sent = to_items(FULL)
    row = {
        **{name: sent.event.get(name) for name in ("id", "external_id", "deployment_id", "prompt", "response")},
        "metadata": sent.event["metadata"],
        "occurred_at": NOON,
        "signals": signals,
    }

    found = from_event(row)

    assert [(one.feedback_type, one.feedback_value) for one in found] == [
        ("thumbs", "down"),
        ("correction", {"original": "So.", "corrected": "Thus."}),
        ("label", "bill"),
    ]
    assert {one.id for one in found} == {"e"}
    assert [to_items(one).event for one in found] == [sent.event] * 3
    said = [to_items(one).signal for one in found]
    assert (said[0]["comment"], said[2]["name"]) == ("No.", "topic")
