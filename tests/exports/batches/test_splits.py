"""Held-out rows leave in files of their own."""

import json

import pytest

from tests.exports.factories import approved_set

pytestmark = pytest.mark.django_db


def test_a_set_with_held_out_rows_gives_one_file_for_each_split(export, folder):
    batch = export(approved_set([{"response": "One."}, {"response": "Two.", "split": "test"}, {"response": "Three."}]))

    name = batch.files[0]["path"].partition("/")[0]
    answers = {
        file["path"]: [json.loads(line)["messages"][-1]["content"] for line in (folder / file["path"]).open()]
        for file in batch.files
    }
    assert answers == {f"{name}/train.jsonl": ["One.", "Three."], f"{name}/test.jsonl": ["Two."]}
    assert (batch.rows, [file["rows"] for file in batch.files]) == (3, [2, 1])
    assert (batch.rows_done, batch.rows_total) == (3, 3)
    assert [(table["split"], table["rows"]) for table in batch.manifest["tables"]] == [("train", 2), ("test", 1)]
