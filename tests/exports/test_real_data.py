"""An export of real edits, from the approved set to the file."""

import json

import pytest

from benchmarks import labelled_data
from curation.choices import Strategy
from exports.choices import ExportFormat
from tests.exports.factories import approved_set

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.django_db,
    pytest.mark.skipif(not labelled_data.data_folder().is_dir(), reason="the labelled data is absent"),
]


@pytest.mark.parametrize("format", [ExportFormat.JSONL, ExportFormat.PREFERENCE_PAIRS])
def test_real_edits_come_out_word_for_word(export, folder, format):
    edits = [row for row in labelled_data.rows("edits_lamp_professional") if row["prompt"]]
    curated_set = approved_set(
        {
            "strategy": Strategy.USER_EDIT,
            "prompt": row["prompt"],
            "response": row["response"],
            "edited_response": row["edited"],
        }
        for row in edits
    )

    batch = export(curated_set, format)

    content = (folder / batch.files[0]["path"]).read_text(encoding="utf-8")
    rows = [json.loads(line) for line in content.split("\n")[:-1]]
    if format == ExportFormat.JSONL:
        given = [(row["messages"][0]["content"], row["messages"][1]["content"]) for row in rows]
        assert given == [(row["prompt"], row["edited"]) for row in edits]
    else:
        given = [
            (row["prompt"][0]["content"], row["chosen"][0]["content"], row["rejected"][0]["content"]) for row in rows
        ]
        assert given == [(row["prompt"], row["edited"], row["response"]) for row in edits]
    assert (batch.rows, batch.excluded) == (93, {})
