"""Lists of tools in the forms in which they are sent."""

import json

import pytest

from feedback.tools import sets

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CANONICAL = [{"type": "function", "function": {"name": "weather", "description": "Now.", "parameters": SCHEMA}}]


@pytest.mark.parametrize(
    "sent",
    [
        CANONICAL,
        [{"type": "function", "name": "weather", "description": "Now.", "parameters": SCHEMA}],
        [{"name": "weather", "description": "Now.", "input_schema": SCHEMA}],
        [{"type": "custom", "name": "weather", "description": "Now.", "input_schema": SCHEMA}],
        [{"name": "weather", "description": "Now.", "parameters": SCHEMA}],
        [{"function": {"name": "weather", "description": "Now.", "parameters": SCHEMA}}],
    ],
    ids=["chat", "responses", "anthropic", "anthropic custom", "functions", "without type"],
)
def test_every_form_is_stored_alike(sent):
    text = sets.encode(sets.read(json.dumps(sent)))

    assert json.loads(text) == CANONICAL
    assert sets.encode(sets.decode(text)) == text


def test_tools_of_vendors_keep_their_type_and_name():
    sent = [{"type": "web_search", "filters": {}}, {"type": "bash_20250124", "name": "bash"}]

    tools = sets.read(json.dumps(sent))

    assert [(tool.name, tool.kind) for tool in tools] == [("web_search", "web_search"), ("bash", "bash_20250124")]
    assert sets.encode(tools) == '[{"type":"web_search"},{"type":"bash_20250124","name":"bash"}]'


def test_numbers_and_the_order_of_keys_survive():
    schema = '{"z":{"maximum":12345678901234567890123,"default":0.10000000000000000001},"a":{"minimum":1.50}}'
    sent = f'[{{"name":"f","parameters":{schema}}}]'

    text = sets.encode(sets.read(sent))

    assert '"maximum":12345678901234567890123,"default":0.10000000000000000001},"a":' in text
    assert sets.digest(text) == sets.digest(sets.encode(sets.decode(text)))
    assert len(sets.digest(text)) == 32


def test_names_only_leaves_names_and_kinds():
    tools = sets.read(json.dumps([*CANONICAL, {"type": "web_search"}]))

    kept = sets.encode(sets.names_only(tools))

    assert kept == '[{"type":"function","function":{"name":"weather"}},{"type":"web_search"}]'


@pytest.mark.parametrize(
    ("raw", "path", "code"),
    [
        ("{}", "", "invalid"),
        ("[1]", "[0]", "invalid"),
        ("[", "", "malformed"),
        ('[{"type":"function","function":{}}]', "[0].function.name", "required"),
        ('[{"name":" "}]', "[0].name", "required"),
        (f'[{{"name":"{"x" * 256}"}}]', "[0].name", "too_long"),
        ('[{"name":"f"},{"name":"g","parameters":[]}]', "[1].parameters", "invalid"),
        ('[{"name":"f","input_schema":true}]', "[0].input_schema", "invalid"),
        ('[{"name":"f","description":{}}]', "[0].description", "invalid"),
        ('[{"type":5}]', "[0].type", "invalid"),
        (json.dumps([{"name": "f"}] * 1_001), "", "too_long"),
        (json.dumps([{"name": "f", "description": "x" * 1_000_000}]), "", "too_long"),
        (f'[{{"name":"f","parameters":{"{" * 5_000}', "", "malformed"),
        ('[{"name":"f","parameters":{"maximum":1e99999}}]', "", "malformed"),
        ('[{"name":"\\ud800"}]', "", "malformed"),
    ],
)
def test_what_is_no_list_of_tools_is_rejected_with_its_path(raw, path, code):
    with pytest.raises(sets.ToolsError) as caught:
        sets.read(raw)

    assert (caught.value.path, caught.value.code) == (path, code)


def test_a_thousand_tools_are_read():
    assert len(sets.read(json.dumps([{"name": f"f{number}"} for number in range(1_000)]))) == 1_000
