"""Links and signatures go with the people and sets that they are of."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from curation import erasure, removal
from curation.choices import CopyMethod, CuratedSetStatus, LinkKind
from curation.duplicates import known_rows
from curation.models import CuratedSet, DuplicateLink, KnownExample, KnownRow, RowBand
from tests.curation.factories import CuratedExampleFactory, CuratedSetFactory
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db
MARIA, OTTO = "a" * 64, "b" * 64


def _known(user_hash, prompt, curated_set):
    example = CuratedExampleFactory(curated_set=curated_set, user_hash=user_hash, prompt=prompt)
    known_rows.store(curated_set.deployment_id, [example])
    return example


def _link(curated_set, **fields):
    given = {"kind": LinkKind.DROPPED, "method": CopyMethod.MINHASH, "similarity": 0.8, "kept_event_id": uuid.uuid4()}
    return DuplicateLink.objects.create(curated_set=curated_set, dropped_event_id=uuid.uuid4(), **{**given, **fields})


def test_erasing_a_user_deletes_the_links_and_the_signatures_of_their_rows(operator):
    draft, decided = CuratedSetFactory(), CuratedSetFactory(name="other")
    hers, his = _known(MARIA, "How do I pay?", draft), _known(OTTO, "Where is it?", draft)
    _link(draft, user_hash=MARIA)
    _link(draft, kept_event_id=hers.event_id)
    _link(decided, editor_hash=MARIA)
    _link(decided, kept_example=hers, kept_event_id=hers.event_id)
    left = [_link(draft, user_hash=OTTO), _link(decided, kept_example=his, kept_event_id=his.event_id)]
    CuratedSet.objects.filter(pk=decided.pk).update(status=CuratedSetStatus.APPROVED)

    assert erasure.erase_from(draft.pk, [MARIA], by=operator) == 1
    erasure.erase_traces([MARIA])

    assert list(DuplicateLink.objects.order_by("pk")) == left
    assert list(KnownExample.objects.values_list("example", flat=True)) == [his.pk]
    assert (KnownRow.objects.count(), RowBand.objects.count()) == (1, 33)


def test_signatures_of_decided_sets_stay_as_their_examples_do():
    decided = CuratedSetFactory()
    _known(MARIA, "How do I pay?", decided)
    CuratedSet.objects.filter(pk=decided.pk).update(status=CuratedSetStatus.APPROVED)

    assert erasure.open_sets([MARIA]) == []
    erasure.erase_traces([MARIA])

    assert KnownRow.objects.count() == 1


def test_a_text_that_another_user_sent_too_stays_known(operator):
    draft = CuratedSetFactory()
    _known(MARIA, "How do I pay?", draft)
    his = _known(OTTO, "How do I pay?", draft)

    erasure.erase_from(draft.pk, [MARIA], by=operator)
    erasure.erase_traces([MARIA])

    assert KnownRow.objects.get().examples.get().example_id == his.pk


def test_deleting_a_deployment_deletes_what_its_unapproved_sets_knew():
    other = DeploymentFactory(id="other")
    draft, approved = CuratedSetFactory(), CuratedSetFactory(name="approved")
    _known(MARIA, "How do I pay?", draft)
    kept = _known(OTTO, "Where is it?", approved)
    elsewhere = _known(OTTO, "How do I pay?", CuratedSetFactory(deployment=other))
    _link(draft)
    CuratedSet.objects.filter(pk=approved.pk).update(status=CuratedSetStatus.APPROVED)

    assert removal.remove_unapproved("helpdesk") == 1

    assert set(KnownExample.objects.values_list("example", flat=True)) == {kept.pk, elsewhere.pk}
    assert (KnownRow.objects.count(), DuplicateLink.objects.count()) == (2, 0)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"kind": "hidden"}, "duplicate_link_kind_valid"),
        ({"method": "guess"}, "duplicate_link_method_valid"),
        ({"similarity": 1.1}, "duplicate_link_similarity_is_a_share"),
        ({"similarity": -0.1}, "duplicate_link_similarity_is_a_share"),
    ],
)
def test_the_database_rejects_links_that_say_nothing(fields, constraint):
    curated_set = CuratedSetFactory()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        _link(curated_set, **fields)

    assert not DuplicateLink.objects.exists()
