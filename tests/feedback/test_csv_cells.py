import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.csv_cells import defused, encoded, restored

TEXTS = st.text(st.one_of(st.sampled_from("'=+-@\t\r\n\",＝\u2028\x85"), st.characters(exclude_categories=["Cs"])))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("''=1", "'''=1"),
        ("1+1", "1+1"),
        (" =1", " =1"),
        ("'tis", "'tis"),
        ('{"a": -1}', '{"a": -1}'),
        ("2024-01-02", "2024-01-02"),
        ("", ""),
    ],
)
def test_a_text_that_spreadsheets_take_for_a_formula_follows_an_apostrophe(text, cell):
    assert (defused(text), restored(cell)) == (cell, text)
    assert next(csv.reader(io.StringIO(encoded(pa.table({"a": [text]}), header=False).decode(), newline=""))) == [cell]


@given(TEXTS)
def test_every_text_is_restored(text):
    assert restored(defused(text)) == text
    assert not defused(text).startswith(tuple("=+-@\t\r\n＝＋－＠"))


@given(st.lists(st.tuples(TEXTS, st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False))))
def test_every_table_reads_back(rows):
    texts, integers, floats = zip(*rows, strict=True) if rows else ((), (), ())
    table = pa.table(
        {"text": pa.array(texts, pa.string()), "integer": pa.array(integers, pa.int64()), "float": pa.array(floats)}
    )

    header, *read = csv.reader(io.StringIO(encoded(table, header=True).decode(), newline=""))

    assert header == ["text", "integer", "float"]
    assert [(restored(text), int(integer), float(number)) for text, integer, number in read] == rows


def test_nulls_and_empty_texts_differ_and_negative_numbers_stay_numbers():
    table = pa.table({"text": ["", None, "-5"], "number": [-5, None, 7], "flag": [True, None, False]})

    assert encoded(table, header=True) == b'"text","number","flag"\n"",-5,true\n,,\n"\'-5",7,false\n'
