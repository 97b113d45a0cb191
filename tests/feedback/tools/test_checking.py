"""Which calls are valid, by the tools that were offered."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.conversations.messages import ToolCallBlock
from feedback.tools import sets
from feedback.tools.checking import check_calls

ORDER = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "pattern": "^[A-Z]"},
        "seats": {"type": "integer", "minimum": 1},
        "price": {"type": "number", "multipleOf": 0.01},
        "level": {"enum": ["low", "high"]},
    },
    "required": ["city", "seats"],
    "additionalProperties": False,
}


def offered(*schemas):
    return sets.encode([sets.Tool(f"f{index}", parameters=schema) for index, schema in enumerate(schemas)])


def checked(arguments, schema=None, *, name="f0", kind="function", **sent):
    call = ToolCallBlock("1", name, arguments, kind)
    [found] = check_calls([call], tools=None if schema is None else offered(schema), **sent)
    return found


def codes(call):
    return [(one.code, one.path, one.names) for one in call.problems]


@pytest.mark.parametrize(
    ("arguments", "problems"),
    [
        ('{"city": "Lyon", "seats": 2}', []),
        ('{"city": "Lyon", "seats": 2.0, "price": 0.07, "level": "low"}', []),
        ('{"city": "Lyon", "seats": 123456789012345678901234567890}', []),
        ("{}", [("missing", "", ("city", "seats"))]),
        ("", [("missing", "", ("city", "seats"))]),
        ('{"city": "Lyon"}', [("missing", "", ("seats",))]),
        ('{"city": 5, "seats": "two"}', [("schema", "/city", ()), ("schema", "/seats", ())]),
        ('{"city": "lyon", "seats": 0}', [("schema", "/city", ()), ("schema", "/seats", ())]),
        ('{"city": "Lyon", "seats": 2.00000000000000000001}', [("schema", "/seats", ())]),
        ('{"city": "Lyon", "seats": 1, "price": 0.075}', [("schema", "/price", ())]),
        ('{"city": "Lyon", "seats": true}', [("schema", "/seats", ())]),
        ('{"city": "Lyon", "seats": 1, "secret": 1}', [("schema", "", ())]),
        ('{"city": "Lyon"', [("not_json", "", ())]),
        ("city=Lyon", [("not_json", "", ())]),
        ('{"city": NaN}', [("not_json", "", ())]),
        ("[1]", [("not_object", "", ())]),
        ('"Lyon"', [("not_object", "", ())]),
        ("null", [("not_object", "", ())]),
    ],
)
def test_arguments_follow_the_schema(arguments, problems):
    call = checked(arguments, ORDER)

    assert codes(call) == problems
    assert call.is_valid == (not problems)


def test_without_tools_only_the_arguments_are_judged():
    assert checked("{}", name="anything").is_valid
    assert codes(checked("oops", name="anything")) == [("not_json", "", ())]


def test_a_name_that_was_not_offered_is_undeclared():
    assert codes(checked("{}", {}, name="f1")) == [("undeclared", "", ())]
    assert codes(check_calls([ToolCallBlock("1", "f0")], tools="[]")[0]) == [("undeclared", "", ())]


def test_a_custom_tool_takes_any_text():
    assert checked("SELECT 1", {}, kind="custom").is_valid


def test_a_tool_of_the_vendor_has_no_schema():
    tools = sets.encode(sets.read('[{"type": "web_search"}]'))

    assert check_calls([ToolCallBlock("1", "web_search", '{"q": 1}')], tools=tools)[0].is_valid


@pytest.mark.parametrize(
    ("tool_choice", "problems"),
    [
        (None, []),
        ("auto", []),
        ('"auto"', []),
        ('{"type": "auto"}', []),
        ("none", ["forbidden"]),
        ('{"type": "none"}', ["forbidden"]),
        ('"required"', []),
        ('{"type": "function", "function": {"name": "f0"}}', []),
        ('{"type": "tool", "name": "f1"}', ["forbidden"]),
        ('{"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f1"}]}', ["forbidden"]),
        ('{"something": ["new"]}', []),
    ],
)
def test_tool_choice_forbids_calls(tool_choice, problems):
    assert [one.code for one in checked("{}", {}, tool_choice=tool_choice).problems] == problems


@pytest.mark.parametrize(
    "schema", [ORDER, {"not": {"properties": {"city": {"const": "x"}}}}, {"anyOf": [ORDER, False]}]
)
def test_masked_values_follow_every_schema(schema):
    assert checked('{"city": "[EMAIL]", "seats": "[PHONE]", "price": "x [CARD]", "level": "[IP]"}', schema).is_valid


def test_paths_show_no_name_that_the_schema_does_not_declare():
    schema = {"properties": {"by_person": {"type": "object", "additionalProperties": {"type": "integer"}}}}

    call = checked('{"by_person": {"Ann Lee": "much"}}', schema)

    assert codes(call) == [("schema", "/by_person/*", ())]


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "STRING"}, "schema_invalid"),
        ({"properties": []}, "schema_invalid"),
        ({"$ref": 5}, "schema_invalid"),
        ({"$ref": "http://127.0.0.1:9/schema.json"}, "schema_reference"),
        ({"$ref": "file:///etc/passwd"}, "schema_reference"),
        ({"$ref": "#/$defs/none"}, "schema_reference"),
        ({"$id": "http://[", "$ref": "x"}, "schema_reference"),
        ({"$ref": "#"}, "too_complex"),
        ({"$dynamicRef": "#"}, "too_complex"),
        ({"description": "x" * 70_000}, "too_complex"),
    ],
)
def test_a_schema_that_gives_no_verdict_leaves_the_call_valid(schema, reason):
    call = checked("{}", schema)

    assert (call.is_valid, call.unjudged) == (True, reason)


def test_references_within_a_schema_and_recursion_work():
    tree = {"properties": {"left": {"$ref": "#/$defs/tree"}, "size": {"type": "integer"}}}
    schema = {"$ref": "#/$defs/tree", "$defs": {"tree": tree}}

    assert checked('{"left": {"left": {"size": 1}}}', schema).is_valid
    assert codes(checked('{"left": {"left": {"size": "1"}}}', schema)) == [("schema", "/left/left/size", ())]


def test_each_dialect_of_json_schema_is_followed():
    older = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "properties": {"a": {"minimum": 1, "exclusiveMinimum": True}},
    }

    assert codes(checked('{"a": 1}', older)) == [("schema", "/a", ())]
    assert checked('{"a": 1}', {"properties": {"a": {"exclusiveMinimum": 0}}}).is_valid


DOUBLING = {"$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)} | {"d40": {}}}


@pytest.mark.parametrize(
    ("schema", "arguments"),
    [
        ({"properties": {"a": {"pattern": "^(a+)+$"}}}, json.dumps({"a": "a" * 5_000 + "b"})),
        ({"patternProperties": {"^(a|a)*$": {}}, "additionalProperties": False}, json.dumps({"a" * 5_000 + "b": 1})),
        (
            {"properties": {"a": {"$schema": "http://json-schema.org/draft-07/schema#", "pattern": "^(a+)+$"}}},
            json.dumps({"a": "a" * 5_000 + "b"}),
        ),
        ({**DOUBLING, "$ref": "#/$defs/d0"}, "{}"),
        ({"properties": {"a": {"items": {"type": "integer"}}}}, json.dumps({"a": [1] * 80_000})),
        ({"properties": {"a": {"anyOf": [{"type": "integer"}] * 3_000}}}, json.dumps({"a": "x" * 250_000})),
        ({"properties": {"a": {"uniqueItems": True}}}, json.dumps({"a": [{"n": n} for n in range(20_000)]})),
        ({"properties": {"a": {"enum": list(range(9_000))}}}, json.dumps({"a": "x"})),
        ({"properties": {"a": {"type": "string"}}}, json.dumps({"a": "x" * 5_000_000})),
    ],
)
def test_no_schema_takes_long(schema, arguments):
    began = time.process_time()

    checked(arguments, schema)

    assert time.process_time() - began < 2


def test_a_thousand_calls_share_one_budget():
    calls = [ToolCallBlock(str(n), "f0", '{"a": [1, 2, 3]}') for n in range(1_000)]
    schema = {"properties": {"a": {"items": {"allOf": [{"type": "integer"}] * 50}}}}

    found = check_calls(calls, tools=offered(schema))

    assert found[0].unjudged == ""
    assert found[-1].unjudged == "too_complex"
    assert all(call.is_valid for call in found)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "$ref", "type"]), inner),
    max_leaves=8,
)
KEYWORDS = st.sampled_from(
    ["type", "properties", "items", "required", "anyOf", "not", "$ref", "$id", "$schema", "enum", "const", "pattern"]
    + ["additionalProperties", "multipleOf", "minimum", "if", "then", "$defs", "dependentRequired", "uniqueItems"]
)


@settings(max_examples=300, deadline=None)
@given(schema=st.dictionaries(KEYWORDS, VALUES, max_size=4), arguments=st.dictionaries(st.text(max_size=3), VALUES))
def test_no_schema_and_no_arguments_raise(schema, arguments):
    call = checked(json.dumps(arguments), schema)

    assert call.name == "f0"
