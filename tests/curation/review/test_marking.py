"""Rows of approved sets that users report, or that may no longer be used, are marked after the approval."""

import pytest
from django.urls import reverse
from django.utils import timezone

from curation import erasure
from curation.choices import Change
from curation.models import ChangedRow
from curation.review import approval, marking
from curation.tasks import mark_changed_sets
from feedback.hashing import hash_person
from feedback.removal import objections
from tests.curation.factories import CuratedExampleFactory, CuratedPairFactory, CuratedSetFactory
from tests.factories import NOON, SignalFactory

pytestmark = pytest.mark.django_db
NORA, MARIA = hash_person("nora"), hash_person("maria")


def signal(event_id, **fields):
    SignalFactory(event_id=event_id, **{"received_at": timezone.now(), **fields})


def test_late_reports_retractions_objections_and_erasures_mark_rows_once(api, console, operator):
    draft = CuratedSetFactory()
    rows = [CuratedExampleFactory(curated_set=draft, position=n) for n in range(4)]
    objected = CuratedExampleFactory(curated_set=draft, position=4, user_hash=NORA)
    erased = CuratedExampleFactory(curated_set=draft, position=5, user_hash=MARIA)
    pair = CuratedPairFactory(curated_set=draft, position=0)
    approved = approval.approve(draft.pk, by=operator)
    signal(rows[0].event_id, type="report")
    signal(rows[0].event_id, type="thumbs_up", retracted=True, live=False)
    signal(rows[1].event_id, type="report", received_at=NOON)
    signal(rows[2].event_id, type="thumbs_down")
    signal(rows[3].event_id, type="report", retracted=True, live=False)
    signal(pair.rejected_event_id, type="report")
    objections.record("nora", by=operator)
    erasure.blank_in(draft.pk, [MARIA])

    mark_changed_sets()
    mark_changed_sets()

    assert set(ChangedRow.objects.values_list("row_id", "change")) == {
        (rows[0].pk, Change.REPORTED),
        (rows[0].pk, Change.RETRACTED),
        (rows[3].pk, Change.RETRACTED),
        (pair.pk, Change.REPORTED),
        (objected.pk, Change.TRAINING_NOT_ALLOWED),
        (erased.pk, Change.ERASED),
    }
    by_change = {"erased": 1, "reported": 2, "retracted": 2, "training_not_allowed": 1}
    shown = api.get(f"/api/v1/curated-sets/{draft.pk}").data["changed_since_decision"]
    page = console.get(reverse("admin:curation_curatedset_change", args=[approved.pk])).content.decode()
    assert shown == {"rows": 5, "by_change": by_change}
    assert "Changed since the decision: 5 rows (1 erased, 2 reported by a user, 2 with feedback that was" in page


def test_sets_that_are_not_approved_are_not_checked(operator):
    draft = CuratedSetFactory(examples=1)
    signal(draft.examples.get().event_id, type="report")

    mark_changed_sets()

    assert marking.changes(draft.pk) == marking.Changes(0, {})
