"""Reviewers, and sets whose counts are those of their rows."""

from django.contrib.auth.models import Permission

from curation.models import CuratedSet
from curation.sets import content
from tests.curation.factories import CuratedExampleFactory, CuratedPairFactory, CuratedSetFactory
from tests.factories import EventFactory, UserFactory


def person(*permissions):
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def set_of(examples, pairs=0, **fields):
    """A draft whose examples have stored events."""
    made = CuratedSetFactory(**fields)
    for position in range(examples):
        CuratedExampleFactory(curated_set=made, position=position, event_id=EventFactory().pk)
    for position in range(pairs):
        CuratedPairFactory(curated_set=made, position=position)
    CuratedSet.objects.filter(pk=made.pk).update(**content.counted(made))
    made.refresh_from_db()
    return made


def decision_of(row):
    return type(row).objects.get(pk=row.pk).decision


def counts(curated_set):
    """The counts that are stored with a set."""
    found = CuratedSet.objects.get(pk=curated_set.pk)
    return {"counts": found.counts, "queued": found.queued, "pairs": found.pairs}
