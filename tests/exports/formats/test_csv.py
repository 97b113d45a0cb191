"""CSV files give every value back, to Python's reader and to those of pandas and Arrow."""

import csv
import io
import json
import re
import uuid

import pandas
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv as arrow_csv

from exports.batches import storage
from exports.choices import ColumnKind
from exports.formats import FORMATS
from exports.formats.base import InvalidFile
from feedback.csv_cells import restored
from tests.exports.packages import package, table

FORMAT = FORMATS["csv"]
COLUMNS = {
    "messages": ColumnKind.MESSAGES,
    "text": ColumnKind.TEXT,
    "score": ColumnKind.FLOAT,
    "label": ColumnKind.FLAG,
}
TEXTS = st.text(st.one_of(st.sampled_from("'=+-@\t\r\n\",;＝\u2028\x85"), st.characters(exclude_categories=["Cs"])))
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "messages": st.lists(st.fixed_dictionaries({"role": st.just("user"), "content": TEXTS}), max_size=2),
            "text": TEXTS,
            "score": st.floats(allow_nan=False, allow_infinity=False),
            "label": st.booleans(),
        }
    ),
    min_size=1,
    max_size=5,
)


def written(records, columns=COLUMNS):
    """What the file of these records holds, once its check has passed."""
    draft, packed = storage.Draft(uuid.uuid4()), package(table(records, columns=columns))
    files = FORMAT.write(draft, "weekly", packed)
    FORMAT.check(draft, files, packed, lambda: None)
    return draft.open("weekly.csv").read()


def as_documented(cell):
    return re.sub(r"\A'('*[=+\-@\t\r\n＝＋－＠])", r"\1", cell)


@given(RECORDS)
def test_records_of_any_text_are_read_back_by_python(records):
    header, *rows = csv.reader(io.StringIO(written(records).decode(), newline=""), strict=True)

    assert header == list(COLUMNS)
    assert [
        {
            "messages": json.loads(messages),
            "text": as_documented(text),
            "score": float(score),
            "label": label == "true",
        }
        for messages, text, score, label in rows
    ] == records


@given(RECORDS)
def test_records_of_any_text_are_read_back_by_pandas(records):
    read = pandas.read_csv(io.BytesIO(written(records)), keep_default_na=False, dtype={"text": str})

    assert list(map(json.loads, read["messages"])) == [record["messages"] for record in records]
    assert list(map(as_documented, read["text"])) == [record["text"] for record in records]
    assert list(read["score"]) == [record["score"] for record in records]
    assert list(read["label"]) == [record["label"] for record in records]


@given(RECORDS)
def test_records_of_any_text_are_read_back_by_arrow(records):
    read = arrow_csv.read_csv(
        io.BytesIO(written(records)),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types={"messages": pa.string(), "text": pa.string(), "score": pa.float64(), "label": pa.bool_()}
        ),
    ).to_pylist()

    assert [row | {"messages": json.loads(row["messages"]), "text": restored(row["text"])} for row in read] == records


def test_a_value_that_is_absent_or_null_is_an_empty_cell_and_an_empty_text_a_quoted_one():
    records = [{"text": "", "score": None}, {"score": -5.0}, {"text": None, "score": 0.1, "label": False}]

    assert written(records) == b'"text","score","label"\n"",,\n,-5,\n,0.1,false\n'


def test_a_conversation_longer_than_the_limit_of_pythons_reader_is_written_and_checked():
    text = "x" * 6_000_000

    assert len(written([{"text": text}, {"text": "short"}])) == len(text) + len('"text"\n""\n"short"\n')


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (b'"text"', b'"test"', "The header of the written file does not name its columns."),
        (b"first", b"fir\xff\xff", "The written file is not CSV"),
        (b'"first"', b'"first', "The written file is not CSV"),
        (b"first", b"last", "Row 1 of the written file is not record 1."),
        (b"'=1", b"=1", "The file was written as"),
        (b"0.5", b"0,5", "Row 2 of the written file is not record 2."),
        (b"0.5", b"0.50", "The file was written as"),
        (b"0.5\n", b"0.5\n1,2\n", "The written file has more than 2 rows."),
    ],
)
def test_a_file_that_is_not_what_was_written_is_found_with_the_row(folder, before, after, problem):
    draft = storage.Draft(uuid.uuid4())
    packed = package(table([{"text": "first", "score": 2.0}, {"text": "=1", "score": 0.5}], columns=COLUMNS))
    files = FORMAT.write(draft, "weekly", packed)
    (path,) = folder.rglob("weekly.csv")
    path.write_bytes(path.read_bytes().replace(before, after))

    with pytest.raises(InvalidFile, match=f"^{re.escape(problem)}"):
        FORMAT.check(draft, files, packed, lambda: None)
