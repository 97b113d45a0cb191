"""Files of events against GET events/{id}, which has the same fields under the same names."""

import csv
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from feedback import exact_json
from feedback.csv_cells import restored
from feedback.event_files import formats
from tests.feedback.event_files.conftest import API, event

EXPORT = f"{API}/events/export"
NESTED = {
    *("messages", "response_message", "tool_choice", "response_format", "metadata", "masked"),
    *("tools", "quality", "scores", "evidence", "signals", "flags"),
}
LISTS = {"tags", "tools_called"}
TIMES = {"occurred_at", "received_at"}


def export(api, format, **filters):
    answer = api.get(EXPORT, {"format": format, **filters})
    assert answer.status_code == 200
    return answer.getvalue()


def one_by_one(api, ids):
    """The bodies of GET events/{id}, with every digit of their numbers."""
    return [exact_json.decode(api.get(f"{API}/events/{event_id}").content) for event_id in ids]


def compared(events):
    """Events whose intervals are rounded: their last digits depend on what else is computed at once."""
    for approval in (one["evidence"]["approval"] for one in events if one["evidence"]):
        approval |= {name: round(approval[name], 9) for name in ("low", "high")}
    return events


def csv_rows(content):
    header, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    return [dict(zip(header, map(restored, row), strict=True)) for row in rows]


def test_a_line_of_json_is_the_event_that_the_api_gives(api, rich):
    content = export(api, "jsonl")

    # Split at every line end that Python knows, of which U+2028 is one.
    lines, bodies = [exact_json.decode(line) for line in content.decode().splitlines()], one_by_one(api, rich)
    assert compared(lines) == compared(bodies)
    assert [list(line) for line in lines] == [list(body) for body in bodies]
    assert {name for name in bodies[0] if all(body[name] in (None, "", [], {}) for body in bodies)} == set()
    assert b"18446744073709551617" in content


def test_feedback_events_are_those_that_the_api_gives_of_each_event(api, rich):
    lines = [exact_json.decode(line) for line in export(api, "ir.jsonl").decode().splitlines()]

    given = [
        document
        for event_id in rich
        for document in exact_json.decode(api.get(f"{API}/events/{event_id}/feedback-events").content)["results"]
    ]
    assert lines == given
    assert len(lines) > len(rich)
    sent = api.post(f"{API}/feedback-events", {"feedback_events": lines}, format="json").json()
    assert (sent["accepted"], sent.get("rejected")) == (len(rich), None)


def test_a_row_of_csv_has_the_fields_of_the_api(api, rich):
    rows, bodies = csv_rows(export(api, "csv")), one_by_one(api, rich)

    assert [list(row) for row in rows] == [list(body) for body in bodies]
    found = [{name: read(name, row[name], body[name]) for name in body} for row, body in zip(rows, bodies, strict=True)]
    assert compared(found) == compared(bodies)


def read(name, text, value):
    """A cell as a value of the kind that the API gives."""
    if name in NESTED | LISTS:
        return exact_json.decode(text) if text else None
    if isinstance(value, bool):
        return text == "true"
    if value is None:
        return text or None
    return type(value)(text)


def test_formulas_in_csv_follow_an_apostrophe_and_numbers_stay_numbers(api, send):
    send(event(prompt="=1+1", response="-5 degrees and falling.", latency_ms=12.5, metadata={"sum": "=1+1"}))

    content = export(api, "csv").decode()

    (row,) = csv.DictReader(io.StringIO(content, newline=""))
    assert (row["prompt"], row["response"]) == ("'=1+1", "'-5 degrees and falling.")
    assert (row["latency_ms"], row["metadata"]) == ("12.5", '{"sum":"=1+1"}')


def test_a_row_of_parquet_has_the_fields_of_the_api(api, rich):
    table, bodies = pq.read_table(io.BytesIO(export(api, "parquet"))), one_by_one(api, rich)

    rows = table.to_pylist()
    assert table.column_names == list(bodies[0])
    for row in rows:
        row |= {name: row[name] and exact_json.decode(row[name]) for name in NESTED}
        row |= {name: row[name].isoformat().replace("+00:00", "Z") for name in TIMES}
    assert compared(rows) == compared(bodies)


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_no_events_are_a_valid_file_with_the_same_columns(api, rich, format):
    whole, empty = (export(api, format, **which) for which in ({}, {"deployment_id": "nowhere"}))

    if format == "csv":
        assert empty == whole.partition(b"\n")[0] + b"\n"
    else:
        whole, empty = (pq.ParquetFile(io.BytesIO(content)) for content in (whole, empty))
        assert (whole.metadata.num_rows, empty.metadata.num_rows) == (3, 0)
        assert whole.schema_arrow == empty.schema_arrow
        assert whole.metadata.row_group(0).column(0).compression == "ZSTD"


def test_no_events_are_no_lines(api):
    assert export(api, "jsonl") == b""


def test_row_groups_of_parquet_hold_a_bounded_number_of_rows(monkeypatch):
    monkeypatch.setattr(formats, "GROUP_ROWS", 4)
    monkeypatch.setattr(
        formats.columns, "table", lambda rows: pa.table({"id": rows}, schema=pa.schema([("id", pa.string())]))
    )
    monkeypatch.setattr(formats.columns, "SCHEMA", pa.schema([("id", pa.string())]))

    content = b"".join(formats.parquet([["a", "b", "c"], ["d", "e"], ["f"]]))

    file = pq.ParquetFile(io.BytesIO(content))
    assert [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)] == [5, 1]
    assert file.read()["id"].to_pylist() == ["a", "b", "c", "d", "e", "f"]
