"""The same rows from every kind of file."""

import json
import tracemalloc

import pytest
from django.core.management import CommandError

from feedback.ingestion import loading
from feedback.models import Event
from tests.feedback.ingestion.loading.files import ASKED, TALK, load, write

SUFFIXES = [".csv", ".csv.gz", ".json", ".json.gz", ".jsonl", ".ndjson", ".jsonl.gz", ".parquet"]
CALL = {"id": "c1", "type": "function", "function": {"name": "opening_hours", "arguments": '{"day": "Sunday"}'}}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_rows_are_the_same_from_every_kind_of_file(write_all, tmp_path, suffix):
    rows = [ASKED | {"prompt_tokens": 12, "latency_ms": 250.5, "tags": ["a", "b"], "model": "m1"}, ASKED]

    said = load(write(tmp_path, suffix, rows))
    write_all()
    load(write(tmp_path, suffix, rows))
    write_all()

    assert "accepted 2, rejected 0" in said
    first, second = Event.objects.order_by("tags").all()[::-1]
    assert (first.prompt, first.response) == (second.prompt, second.response) == tuple(ASKED.values())
    assert (first.prompt_tokens, first.latency_ms, first.tags, first.model_version_id) == (12, 250.5, ["a", "b"], "m1")
    assert (second.prompt_tokens, second.latency_ms, second.tags, second.model_version_id) == (None, None, [], "")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_conversations_are_read_from_every_kind_of_file(api, write_all, tmp_path, suffix):
    answer = {"role": "assistant", "content": None, "tool_calls": [CALL]}

    said = load(write(tmp_path, suffix, [{"messages": TALK[:1], "response": answer}]))
    write_all()

    assert "accepted 1, rejected 0" in said
    event = api.get(f"/api/v1/events/{Event.objects.get().pk}").json()
    assert event["messages"] == TALK[:1]
    assert event["response_message"] == answer


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}],
        [
            {"type": "message", "role": "user", "content": "Hi"},
            {"type": "message", "role": "assistant", "content": "Hello."},
        ],
        [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Hello."}]}],
        [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello."}],
        [
            {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
            {
                "role": "assistant",
                "content": [{"type": "thinking", "thinking": "A greeting."}, {"type": "text", "text": "Hello."}],
            },
        ],
    ],
    ids=["chat", "responses", "gemini", "sharegpt", "anthropic"],
)
@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".parquet"])
@pytest.mark.parametrize("as_text", [True, False])
def test_a_column_has_conversations_of_any_dialect(write_all, tmp_path, suffix, messages, as_text):
    load(write(tmp_path, suffix, [{"talk": json.dumps(messages) if as_text else messages}]), "talk=messages")
    write_all()

    event = Event.objects.get()
    assert (event.prompt, event.response) == ("Hi", "Hello.")


def test_lists_that_python_printed_into_a_cell_are_read(write_all, tmp_path):
    talk = [{"role": "user", "content": "It's open?"}, {"role": "assistant", "content": None, "refusal": "No comment."}]

    load(write(tmp_path, ".csv", [{"messages": str(talk)}]))
    write_all()

    assert Event.objects.get().prompt == "It's open?"


@pytest.mark.parametrize(
    "answer", ['{"city": "Oslo", "role": "capital"}', '[{"type": "river", "name": "Akerselva"}]', "[1]"]
)
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_an_answer_in_json_stays_the_text_that_it_is(write_all, tmp_path, suffix, answer):
    load(write(tmp_path, suffix, [ASKED | {"response": answer}]))
    write_all()

    assert Event.objects.get().response == answer


def test_objects_of_parquet_lose_the_names_that_only_other_rows_have(api, write_all, tmp_path):
    def talk(**arguments):
        call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": arguments}}
        return {"messages": [TALK[0], {"role": "assistant", "tool_calls": [call]}]}

    load(write(tmp_path, ".parquet", [talk(city="Oslo"), talk(day="Sunday")]))
    write_all()

    events = [api.get(f"/api/v1/events/{event.pk}").json() for event in Event.objects.all()]
    sent = [event["response_message"]["tool_calls"][0]["function"]["arguments"] for event in events]
    assert sorted(sent) == ['{"city":"Oslo"}', '{"day":"Sunday"}']


@pytest.mark.parametrize(
    "text",
    [
        "prompt;response\nA?;Because, well.\n",
        "prompt\tresponse\nA?\tBecause, well.\n",
        "prompt|response\r\nA?|Because, well.\r\n",
        '"prompt","response"\n"A?","Because, well."\n',
    ],
    ids=["semicolons", "tabs", "bars", "quotes"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_has_any_usual_delimiter_and_encoding(write_all, tmp_path, text, encoding):
    path = tmp_path / "rows.csv"
    path.write_bytes(text.encode(encoding))

    assert "accepted 1, rejected 0" in load(path)
    write_all()
    assert (Event.objects.get().prompt, Event.objects.get().response) == ("A?", "Because, well.")


def test_bad_rows_of_csv_are_rejected_one_by_one_by_their_lines(write_all, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes(
        b'prompt,response,latency_ms\n"two\nlines",b,1\n\na,b\na,b,c,d\n\xe9,b,1\n'
        b'a,b,soon\nc,"d" e,1\nlast,b,2\n"open,b,1\n'
    )

    said = load(path)
    write_all()

    assert "accepted 2, rejected 6" in said
    assert [line.strip() for line in said.splitlines() if line.startswith("  row")] == [
        "row 2 (line 5): the row has 2 cells, the header has 3",
        "row 3 (line 6): the row has 4 cells, the header has 3",
        "row 4 (line 7): the row is not text in UTF-8",
        "row 5 (line 8): latency_ms: expected `float | null`, got `str`",
        "row 6 (line 9): the row is not CSV: ',' expected after '\"'",
        "row 8 (line 11): the row is not CSV: unexpected end of data",
    ]
    assert sorted(Event.objects.values_list("prompt", flat=True)) == ["last", "two\nlines"]


def test_bad_rows_of_an_array_are_rejected_one_by_one(write_all, tmp_path):
    good = json.dumps(ASKED)
    path = tmp_path / "rows.json"
    path.write_text(f'\n[{good}, 7, {{"prompt": "a" "b"}}, {{"response": "]}}"}}, {good}]\n')

    said = load(path)

    assert "accepted 2, rejected 3" in said
    for row in (
        "row 2: the row is not a JSON object",
        "row 3: the row is not",
        "row 4: prompt or messages is required",
    ):
        assert row in said


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", '[{"prompt": "a"}', "the JSON array does not end"),
        ("a.json", '[{"prompt": "a}]', "the JSON array does not end"),
        ("a.json", "[] []", "more follows behind its end"),
        ("a.csv", "", "has no names of columns"),
        ("a.csv", "a,b,a\n1,2,3\n", "columns appear twice: a"),
        ("a.parquet.gz", "", "only .csv, .tsv, .json"),
    ],
)
def test_a_file_that_is_none_is_reported(write_all, tmp_path, name, content, reason):
    (tmp_path / name).write_text(content)

    with pytest.raises(CommandError, match=reason):
        load(tmp_path / name)


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".csv"])
def test_a_long_file_takes_no_more_memory(tmp_path, suffix):
    path = write(tmp_path, suffix, [ASKED | {"note": "[{," * 3_000}] * 3_000)
    prepared = loading.prepare(path, "files")
    tracemalloc.start()

    rows = sum(1 for _ in prepared.rows(path, lambda share: None))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (rows, path.stat().st_size > 27_000_000, most < 6_000_000) == (3_000, True, True)


def test_an_item_longer_than_what_is_read_at_once_is_whole(write_all, tmp_path):
    long = ASKED | {"response": 'a "quoted" \\ [part], ' * 40_000}

    assert "accepted 3, rejected 0" in load(write(tmp_path, ".json", [ASKED, long, ASKED]))
    write_all()

    assert {len(event.response) for event in Event.objects.all()} == {len(ASKED["response"]), len(long["response"])}
