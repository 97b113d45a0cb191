import json
import tracemalloc

import pytest

from feedback.ingestion.parsing import bodies, decoding

EVENT = {"deployment_id": "helpdesk", "prompt": "How do I reset it?", "response": "Open the settings."}
DEEP = "[" * 100_000 + "]" * 100_000
TINY = ["1", "{}", "[]", '""', "", "[1,[2]]"]


def send(api, text, **options):
    return api.generic("POST", "/api/v1/events", text, **({"content_type": "application/json"} | options))


def split(text, max_items=10):
    return bodies.split_json(text.encode(), list_name="events", max_items=max_items)


@pytest.mark.parametrize("last", [EVENT, EVENT | {"prompt": "half a pair \ud800"}], ids=["plain", "surrogate"])
@pytest.mark.parametrize("deep", [DEEP, f'{{"metadata": {{"a": "]}}", "b": {DEEP}}}}}'], ids=["item", "value"])
def test_an_item_too_deep_for_any_decoder_is_rejected_alone(api, write_all, deep, last):
    answer = send(api, f'{{"events": [{json.dumps(EVENT)}, {deep} ,{json.dumps(last)}]\n}} ')

    rejected = [(item["index"], item["errors"][0]["code"]) for item in answer.json()["rejected"]]
    assert answer.status_code == 207
    assert rejected == [(1, "too_deep")]
    assert answer.json()["accepted"] == 2
    assert [(note["index"], note["code"]) for note in answer.json().get("warnings", ())] == (
        [] if last is EVENT else [(2, "replaced_character")]
    )


def test_a_line_too_deep_for_any_decoder_is_rejected_alone(api, write_all):
    answer = send(api, f"{DEEP}\n{json.dumps(EVENT)}", content_type="application/x-ndjson")

    assert answer.status_code == 207
    assert [(item["index"], item["errors"][0]["code"]) for item in answer.json()["rejected"]] == [(0, "too_deep")]


@pytest.mark.parametrize(
    "body",
    [
        f'{{"events": [{DEEP}',
        f'{{"events": [{DEEP}}}}}',
        f'{{"events": [{DEEP}, "without end]}}',
        f'{{"events": [{DEEP}], "batch": 1}}',
        f'{{"events": [{DEEP}], "events": [1]}}',
        f'{{"events": {{"a": {DEEP}}}}}',
    ],
)
def test_a_deep_body_that_cannot_be_split_into_items_is_rejected_whole(body):
    with pytest.raises(bodies.MalformedBody):
        split(body)


@pytest.mark.parametrize("body", [DEEP, f'{{"metadata": {DEEP}}}', f'{{"a": 1, "events": [{DEEP}]}}'])
def test_a_deep_body_without_a_list_is_one_item(api, body):
    answer = send(api, body)

    assert answer.status_code == 400
    assert [(error["index"], error["code"]) for error in answer.json()["errors"]] == [(0, "too_deep")]


@pytest.mark.parametrize("code", [None, "replaced_character", "too_deep"])
@pytest.mark.parametrize(
    "body",
    [
        '{"events":[1,{"a":[2]}%s]}',
        '{"events":[1,{"a":[2]}%s]}\n',
        ' \r\n\t{ \n"events"\t:\r [ 1 , {"a":[2]}%s ] \n } \r\n',
        '{"\\u0065v\\u0065nts": [1, {"a": [2]}%s]}',
    ],
    ids=["dense", "newline", "white space", "escapes"],
)
def test_a_list_is_read_however_its_body_is_written(body, code):
    odd = {None: "", "replaced_character": ', "half a pair \\ud800"', "too_deep": f", {DEEP}"}[code]

    first, second, *others = split(body % odd)

    assert [json.loads(first.data), json.loads(second.data)] == [1, {"a": [2]}]
    assert [note.code for item in others for note in (item.notes or [item.error])] == ([code] if code else [])


def test_one_event_is_read_whatever_the_order_of_its_names():
    body = '\n{ "metadata": {"events": [1], "other": 2}, "deployment_id": "helpdesk" } '

    assert split(body) == [bodies.RawItem(0, body.encode())]


@pytest.mark.parametrize("last", ["{}", '{"prompt": "\\ud800"}'], ids=["plain", "surrogate"])
@pytest.mark.parametrize("name", ["events", "\\u0065vents"])
@pytest.mark.parametrize("first", ["[1]", "[]", "null", "[1, 2]"])
def test_a_list_that_stands_twice_is_rejected(first, name, last):
    with pytest.raises(bodies.MalformedBody, match="events appears in the body more than once"):
        split(f'{{"{name}": {first}, "events": [{last}]}}')


@pytest.mark.parametrize(
    "given", ['"id": "a"', '"id": "a", "prompt": 1', f'"metadata": {"[{}," * 99} 1 {"]" * 99}, "id": "a"']
)
def test_the_id_of_a_rejected_item_is_read_without_the_rest(given):
    assert decoding.known_id(bodies.RawItem(0, f"{{{given}}}".encode())) == "a"


@pytest.mark.parametrize("data", [b"", b"5", b'{"id": 5}', b'{"id": null}', b"{}", b'{"id": "\xff"}', DEEP.encode()])
def test_an_item_without_an_id_that_can_be_read_has_none(data):
    assert decoding.known_id(bodies.RawItem(0, data)) is None


@pytest.mark.parametrize("item", TINY)
def test_millions_of_tiny_items_are_counted_before_they_are_objects(item):
    body = f'{{"events": [{f"{item}," * 1_500_000}1]}}'.encode()

    tracemalloc.start()
    with pytest.raises(bodies.TooManyItems):
        bodies.split_json(body, list_name="events", max_items=1_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 1_000_000


def test_a_list_of_many_commas_is_split_as_any_other():
    items = [{"a": [0] * 600_000, "b": '],"{'}, [], "\\", {"a": [0] * 600_000}, "a\ud800", EVENT]

    raw = split(f' {{ "events" : [ {" , ".join(map(json.dumps, items))} ] }} ')

    assert [item.index for item in raw] == list(range(6))
    assert [[note.code for note in item.notes] for item in raw] == [[]] * 4 + [["replaced_character"], []]
    assert [json.loads(item.data) for item in raw] == [*items[:4], "a\ufffd", EVENT]


@pytest.mark.parametrize("wrong", ['"a\\ud800"', "nul"], ids=["surrogate", "no JSON"])
@pytest.mark.parametrize("text", ["[%s]", '{"events": [%s]}'], ids=["one item", "list"])
def test_millions_of_tiny_values_are_not_read_slowly(text, wrong):
    values = f"[{'{},' * 1_500_000}{wrong}]"

    tracemalloc.start()
    (item,) = split(text % values)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert item.error.code == "malformed"
    assert peak < 20_000_000
