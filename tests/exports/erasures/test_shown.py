"""How erased rows are shown, and the hash of a sealed set."""

import pytest
from django.urls import reverse

from curation.models import CuratedSet
from curation.review import approval
from exports.erasures import erasing
from exports.models import Erasure
from feedback.hashing import hash_person
from tests.curation.factories import CuratedSetFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("write_all")]
MARIA = hash_person("maria")


@pytest.fixture
def erased(operator):
    """An approved set with an example and a pair of an erased user."""
    draft = CuratedSetFactory(examples=1, examples__user_hash=MARIA, with_pairs=1, with_pairs__rejected_user_hash=MARIA)
    approval.approve(draft.pk, by=operator)
    erasing.run(Erasure.objects.create(hashes=[MARIA], requested_by=operator).pk)
    return CuratedSet.objects.get(pk=draft.pk)


def test_the_api_has_the_time_of_the_erasure_and_the_sealed_hash(api, erased):
    address = f"/api/v1/curated-sets/{erased.pk}"

    [example] = api.get(f"{address}/examples").data["results"]
    [pair] = api.get(f"{address}/pairs").data["results"]

    assert (example["prompt"], example["response"], example["group_id"]) == ("", "", "")
    assert (pair["prompt"], pair["chosen"], pair["rejected"]) == ("", "", "")
    assert None not in (example["erased_at"], pair["erased_at"])
    assert api.get(address).data["sealed_hash"] == erased.sealed_hash


def test_the_pages_say_that_rows_are_erased(console, erased):
    example, pair = erased.examples.get(), erased.pair_rows.get()
    shown = {
        row: console.get(reverse(f"admin:curation_{kind}_change", args=[row.pk])).content.decode()
        for kind, row in (("curatedexample", example), ("curatedpair", pair))
    }
    address = reverse("admin:curation_curatedset_change", args=[erased.pk])

    for row, page in shown.items():
        assert "The user of this row was erased" in page
        assert row.row_hash in page
    for rows in ("examples", "pairs"):
        page = console.get(f"{address}?rows={rows}").content.decode()
        assert "(erased)" in page
        assert erased.sealed_hash in page
