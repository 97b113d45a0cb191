"""Random samples of events for people to score: drawn once, so that scores say something of all events."""

import random
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from feedback.choices import MAX_WINDOW_EVENTS
from feedback.models import HumanScore, RubricVersion, SampledForScoring, ScoringSample
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging

PERMISSION = "feedback.add_scoringsample"
MAX_SIZE, MAX_DAYS = 500, 3_650


class NothingToDraw(ValueError):
    """There are no events with texts to draw from."""

    def __init__(self, deployment_id: str, days: int):
        super().__init__(f"{deployment_id} has no event with texts of the last {days:,} days.")


@dataclass(frozen=True)
class SampleProgress:
    """events: of the sample that are still stored; scored: by one person; people: with the number that each scored."""

    events: int
    scored: int
    people: list[tuple[str, int]]


def may_draw(user: User) -> bool:
    return user.has_perm(PERMISSION)


def draw(
    deployment_id: str, rubric: RubricVersion, *, size: int, days: int, by: User, seed: int | None = None
) -> ScoringSample:
    """Draw at most `size` events at random from the newest MAX_WINDOW_EVENTS of the last `days` days that have texts.

    Without a seed it is random, too. Raises PermissionDenied and NothingToDraw.
    """
    if not may_draw(by):
        raise PermissionDenied("Drawing a sample needs the permission “Can add scoring sample”.")
    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    since = timezone.now() - timedelta(days=days)
    where = EventFilter(deployment_id=deployment_id, occurred_from=since)
    columns = ["id", "occurred_at", "content_dropped"]
    newest = Paging(limit=MAX_WINDOW_EVENTS, newest_first=True)
    found = event_store().scan(where, columns, newest).read_all().to_pylist()
    events = sorted((row["id"], row["occurred_at"]) for row in found if not row["content_dropped"])
    if not events:
        raise NothingToDraw(deployment_id, days)
    drawn = random.Random(seed).sample(events, min(size, len(events)))
    with transaction.atomic():
        sample = ScoringSample.objects.create(
            deployment_id=deployment_id,
            rubric_version=rubric,
            seed=seed,
            read=len(events),
            source_from=since,
            created_by=by,
        )
        SampledForScoring.objects.bulk_create(
            SampledForScoring(sample=sample, event_id=event_id, occurred_at=occurred_at, position=position)
            for position, (event_id, occurred_at) in enumerate(drawn, start=1)
        )
    return sample


def next_event(sample: ScoringSample, user: User) -> UUID | None:
    """The first event of the sample that the user has not scored and that is still stored."""
    own = HumanScore.objects.of_sample(sample).by_person(user).values("event_id")
    for event_id in sample.events.exclude(event_id__in=own).values_list("event_id", flat=True):
        if event_store().count(EventFilter(ids=[str(event_id)]), at_most=1):
            return event_id
    return None


def progress(sample: ScoringSample, user: User) -> SampleProgress:
    """How far the user and the others are."""
    scores = HumanScore.objects.of_sample(sample)
    people = list(
        scores.order_by("person").values_list("person", "scorer__username").annotate(scored=Count("event_id"))
    )
    return SampleProgress(
        events=sample.events.count(),
        scored=next((scored for person, _, scored in people if person == user.pk), 0),
        people=[(name or "a deleted account", scored) for _, name, scored in people],
    )
