"""The filters of an export choose rows of its set."""

import json
from datetime import timedelta

import pytest

from curation.choices import CuratedSetStatus
from curation.models import CuratedPair, CuratedSet
from exports.batches import writing
from exports.models import ExportBatch
from tests.curation.factories import CuratedPairFactory, CuratedSetFactory
from tests.exports.batches.test_requests import approve_quietly, post
from tests.exports.factories import approved_set
from tests.factories import NOON

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)
FIRST = {
    "response": "first",
    "strategy": "high_quality",
    "score": 3.0,
    "p_good": 0.95,
    "users": 4,
    "model_version_id": "v1",
    "occurred_at": NOON,
    "event_id": "0199aaaa-0000-7000-8000-000000000001",
}
SECOND = {
    "response": "second",
    "strategy": "diverse",
    "score": 1.0,
    "p_good": None,
    "users": None,
    "model_version_id": "v2",
    "occurred_at": LATER,
    "split": "validation",
}


def written(api, curated_set, format="jsonl", **filters):
    """The batch of a request with these filters, and the lines of its files."""
    answer = post(api, curated_set, format, options={"filters": filters})
    assert answer.status_code == 201, answer.json()
    batch = writing.write(approve_quietly(answer.data["id"]))
    lines = []
    for file in batch.files:
        with writing.storage.open_published(file["path"]) as content:
            lines += [json.loads(line) for line in content]
    return batch, lines


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({}, ["first", "second"]),
        ({"sources": ["diverse"]}, ["second"]),
        ({"sources": ["diverse", "high_quality"]}, ["first", "second"]),
        ({"splits": ["train"]}, ["first"]),
        ({"model_version_id": "v2"}, ["second"]),
        ({"from": LATER.isoformat()}, ["second"]),
        ({"to": LATER.isoformat()}, ["first"]),
        ({"min_score": 2}, ["first"]),
        ({"min_p_good": 0.9}, ["first"]),
        ({"max_p_good": 0.99}, ["first"]),
        ({"min_users": 4}, ["first"]),
        ({"event_ids": [FIRST["event_id"]]}, ["first"]),
        ({"min_score": 1, "model_version_id": "v2"}, ["second"]),
    ],
)
def test_rows_outside_the_filters_are_left_out(api, filters, left):
    curated_set = approved_set([FIRST, SECOND])

    batch, lines = written(api, curated_set, **filters)

    assert [line["messages"][-1]["content"] for line in lines] == left
    assert batch.excluded == ({} if len(left) == 2 else {"filtered": 1})
    assert api.get(f"/api/v1/exports/{batch.pk}").data["options"] == ({"filters": filters} if filters else {})


def test_pairs_match_by_what_they_have(api):
    curated_set = CuratedSetFactory(funnel={"gates": {}})
    CuratedPairFactory(curated_set=curated_set, chosen_version="v1", position=0)
    CuratedPairFactory(curated_set=curated_set, chosen_version="v2", position=1)
    CuratedSet.objects.filter(pk=curated_set.pk).update(status=CuratedSetStatus.APPROVED)

    batch, lines = written(api, curated_set, "preference_pairs", model_version_id="v2")

    assert (len(lines), batch.excluded, CuratedPair.objects.count()) == (1, {"filtered": 1}, 2)


def test_an_export_without_a_matching_row_fails(api):
    curated_set = approved_set([FIRST, SECOND])

    with pytest.raises(writing.NothingToExport):
        written(api, curated_set, min_score=9)

    assert ExportBatch.objects.get().error == (
        "Nothing to export in this format: every example was excluded (2 outside the filters)."
    )


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"sources": ["random"]}, "options.filters.sources.0"),
        ({"min_p_good": 2}, "options.filters.min_p_good"),
        ({"colour": "red"}, "options.filters.colour"),
    ],
)
def test_unknown_filters_are_rejected(api, filters, field):
    answer = post(api, approved_set([FIRST]), options={"filters": filters})

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
    assert not ExportBatch.objects.exists()
