"""Proposals of new names for tools that are gone."""

import json

import pytest

from benchmarks import labelled_data, tool_names
from feedback.conversations.messages import Message, TextBlock, ToolCallBlock, ToolResultBlock
from feedback.tools.mapping import name_similarity, propose, similarity
from feedback.tools.sets import Tool
from feedback.tools.shapes import MAX_NAMES, Shape, joined, kind_of, shapes_of_calls, shapes_of_tools

NEW = [
    Tool("SendParcel", parameters={"properties": {name: {"type": "string"} for name in ("to", "street", "day")}}),
    Tool("TrackParcel", parameters={"properties": {"code": {"type": "string"}}, "required": ["code"]}),
    Tool("say", parameters={"properties": {"text": {"type": "string"}}, "required": ["text"]}),
]
SENTENCE = "Your parcel is on its way and arrives on Thursday in the afternoon."


def called(name, *, result=None, **arguments):
    call = Message("assistant", [ToolCallBlock("c", name, json.dumps(arguments))])
    if result is None:
        return [call]
    return [call, Message("tool", [ToolResultBlock("c", None, None, [TextBlock(json.dumps(result))])])]


def new_shapes():
    calls = [
        called("SendParcel", to="Ann", street="Hill Road 4", day="2026-03-02", result={"code": "AB12345678"}),
        called("TrackParcel", code="AB12345678", result={"state": "sent", "place": "depot"}),
        called("say", text=SENTENCE),
    ]
    return joined(shapes_of_tools(NEW), shapes_of_calls(calls))


@pytest.mark.parametrize(
    ("conversation", "name"),
    [
        (
            called("dispatch", recipient="Bo", address="Mill Lane 2", date="2026-05-09", result={"code": "X"}),
            "SendParcel",
        ),
        (called("lookup", number="ZZ99887766", result={"state": "lost", "place": "Ghent"}), "TrackParcel"),
        (called("reply", message=SENTENCE), "say"),
        (called("resize", width=3, height=4.5, layers=[1], result={"bytes": 7}), ""),
    ],
)
def test_a_tool_is_found_by_what_its_calls_look_like(conversation, name):
    [proposal] = propose(shapes_of_calls([conversation]), new_shapes())

    assert proposal.new == name
    assert bool(proposal.new) == (proposal.similarity > proposal.runner_up_similarity)


def test_names_decide_between_tools_that_are_alike_in_all_else():
    schema = {"properties": {"code": {"type": "string"}}}
    new = shapes_of_tools([Tool("open_door", parameters=schema), Tool("close_door", parameters=schema)])
    old = shapes_of_tools([Tool("DoorClose", parameters=schema), Tool("turn", parameters=schema)])

    assert [proposal.new for proposal in propose(old, new)] == ["close_door", ""]


def test_the_most_frequent_arguments_are_compared():
    rare = {f"other_{number}": 0.001 for number in range(MAX_NAMES - 1)}
    old = Shape("a", arguments={**rare, "street": 1.0})

    alike, evidence = similarity(old, Shape("b", arguments={"street": 1.0}))

    assert (evidence["names"], round(evidence["arguments"], 3)) == (0.0, 0.986)
    assert alike == pytest.approx(0.25 / 0.35 * evidence["arguments"])


def test_names_of_any_length_are_compared():
    assert name_similarity("find " * 100_000, "find") == 1.0


def test_tools_that_kept_their_name_are_not_proposed():
    shapes = shapes_of_tools(NEW)

    assert propose(shapes, shapes) == []
    assert [proposal.new for proposal in propose(shapes, [])] == ["", "", ""]


def test_shapes_hold_no_values():
    [shape] = shapes_of_calls([called("find", person="Ann Lee", result=[{"phone": "555-0100"}])])

    assert "Ann" not in repr(shape)
    assert "555" not in repr(shape)
    assert shape.results == {"(list)": 1.0, "phone": 1.0}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2026-03-02", "date"),
        ("2026-03-02T10:00", "moment"),
        ("6:30 pm", "time"),
        ("-4", "integer"),
        ("4.5", "number"),
        ("No", "boolean"),
        ("https://example.com/x", "url"),
        ("[EMAIL]", "mask"),
        ("a1b2c3d4e5", "id"),
        ("", "word"),
        ("two blocks from here", "phrase"),
        (SENTENCE, "text"),
        (True, "boolean"),
        (4, "integer"),
        (4.5, "number"),
        (None, "null"),
        ([], "array"),
        ({}, "object"),
        ("9" * 100_000, "word"),
    ],
)
def test_values_have_kinds(value, kind):
    assert kind_of(value) == kind


@pytest.mark.parametrize(
    "schema", [{}, {"properties": 5}, {"properties": {"a": True, "b": {"type": ["null", "integer"]}}}]
)
def test_any_declaration_has_a_shape(schema):
    [shape] = shapes_of_tools([Tool("f", parameters=schema)])

    assert shape.name == "f"


def test_calls_that_are_no_json_are_counted_out():
    call = Message("assistant", [ToolCallBlock("c", "f", "oops"), ToolCallBlock("d", "f", "[1]")])

    [shape] = shapes_of_calls([[call]])

    assert (shape.calls, shape.arguments) == (0, {})


@pytest.mark.realdata
@pytest.mark.skipif(not labelled_data.data_folder().is_dir(), reason="the labelled data is absent")
@pytest.mark.parametrize("rows", tool_names.SAMPLES)
@pytest.mark.parametrize("new", [tool_names.WITH_CALLS, tool_names.DECLARED])
def test_renamed_tools_of_labelled_traces_are_found(rows, new):
    found = tool_names.right(rows, new)

    assert len(found) == 21
    assert found.count(True) >= 20
    assert found.count(False) == 0
