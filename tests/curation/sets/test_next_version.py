"""The next version of a set, requested as the set was."""

import pytest

from curation.choices import CuratedSetStatus, Strategy
from curation.models import CuratedSet
from curation.sets import requesting
from tests.curation.factories import CuratedSetFactory

pytestmark = pytest.mark.django_db
REQUEST = {
    "strategies": [Strategy.HIGH_QUALITY],
    "parameters": {"high_quality": {"min_p_good": 0.8}},
    "filters": {"tags": ["vip"]},
    "shares": {"high_quality": 1.0},
    "segments": {"key": "language"},
    "splits": {"test": 0.1},
    "limit": 30,
    "seed": 7,
}


@pytest.mark.parametrize("status", [CuratedSetStatus.APPROVED, CuratedSetStatus.DRAFT])
def test_the_next_version_repeats_the_request_with_all_events_as_new(api, operator, status):
    curated_set = CuratedSetFactory(name="weekly", version=4, status=status, only_new=True, **REQUEST)

    answer = api.post(f"/api/v1/curated-sets/{curated_set.pk}/next-version")

    made = CuratedSet.objects.exclude(pk=curated_set.pk).get()
    assert (answer.status_code, answer.data) == (202, {"id": made.pk, "status": "building"})
    assert (made.name, made.version, made.created_by, made.only_new) == ("weekly", 5, operator, False)
    assert {name: getattr(made, name) for name in REQUEST} == REQUEST


def test_the_next_version_takes_over_how_many_reviewers_a_row_gets(api):
    curated_set = CuratedSetFactory(status=CuratedSetStatus.APPROVED, reviews_per_row=3, overlap_share=0.25)

    answer = api.post(f"/api/v1/curated-sets/{curated_set.pk}/next-version")

    made = CuratedSet.objects.get(pk=answer.data["id"])
    assert (made.reviews_per_row, made.overlap_share) == (3, 0.25)


def test_the_console_builds_the_next_version(console):
    curated_set = CuratedSetFactory(name="weekly", version=4, status=CuratedSetStatus.REJECTED)
    address = f"/admin/curation/curatedset/{curated_set.pk}/next-version/"

    answer = console.post(address, {"_form_submitted": True})

    made = CuratedSet.objects.exclude(pk=curated_set.pk).get()
    assert answer.headers["HX-Redirect"] == f"/admin/curation/curatedset/{made.pk}/change/"
    assert "weekly v4.1.0 of helpdesk is being built." in console.get(answer.headers["HX-Redirect"]).content.decode()


def test_too_many_builds_are_a_conflict(api):
    curated_set = CuratedSetFactory()
    for _ in range(requesting.MOST_BUILDING):
        CuratedSetFactory(status=CuratedSetStatus.BUILDING)

    assert api.post(f"/api/v1/curated-sets/{curated_set.pk}/next-version").status_code == 409
