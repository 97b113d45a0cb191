"""Finds examples of sets that may no longer be used for training."""

from collections.abc import Sequence

from curation.models import CuratedExample, CuratedPair, CuratedSet
from feedback.flagging.standing import confirmed_among
from feedback.models import Deployment, RaisedFlag
from feedback.removal import objections
from feedback.stores import event_store
from feedback.stores.base import EventFilter


def count(curated_set: CuratedSet) -> int:
    """How many examples of a set were withdrawn since it was built: by their user, their editor, the deployment, or a
    confirmed flag.
    """
    examples = CuratedExample.objects.filter(curated_set_id=curated_set.pk).accepted()
    if Deployment.objects.no_training().filter(pk=curated_set.deployment_id).exists():
        return examples.count()
    flagged = RaisedFlag.objects.of_deployment(curated_set.deployment_id).confirmed().values("event_id")
    return (examples.of_objecting() | examples.of_events(flagged)).count()


def among(rows: Sequence[CuratedExample | CuratedPair], *, deployment_id: str) -> set[int]:
    """The keys of those of these rows of one deployment whose event, user, editor or deployment allows no training, or
    whose event has a confirmed flag.

    A row whose event is no longer stored is judged by the others. Both answers of a pair count.
    """
    if Deployment.objects.no_training().filter(pk=deployment_id).exists():
        return {row.pk for row in rows}
    people = objections.objecting(one for row in rows for one in row.people)
    where = EventFilter(ids=[event_id for row in rows for event_id in row.event_ids], training_allowed=False)
    events = set(event_store().scan(where, ["id"]).read_all()["id"].to_pylist())
    events |= confirmed_among(sorted({str(event_id) for row in rows for event_id in row.event_ids}))
    return {row.pk for row in rows if events & set(map(str, row.event_ids)) or people & row.people}
