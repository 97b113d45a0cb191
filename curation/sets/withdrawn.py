"""Finds examples of sets that may no longer be used for training."""

from collections.abc import Sequence

from curation.models import CuratedExample, CuratedSet
from feedback.models import Deployment
from feedback.removal import objections
from feedback.stores import event_store
from feedback.stores.base import EventFilter


def count(curated_set: CuratedSet) -> int:
    """How many examples of a set were withdrawn since it was built: by their user, their editor or the deployment."""
    examples = CuratedExample.objects.filter(curated_set_id=curated_set.pk).accepted()
    if Deployment.objects.no_training().filter(pk=curated_set.deployment_id).exists():
        return examples.count()
    return examples.of_objecting().count()


def among(examples: Sequence[CuratedExample], *, deployment_id: str) -> set[int]:
    """The keys of those of these examples of one deployment whose event, user, editor or deployment allows no training.

    An example whose event is no longer stored is judged by the others.
    """
    if Deployment.objects.no_training().filter(pk=deployment_id).exists():
        return {example.pk for example in examples}
    people = objections.objecting(one for example in examples for one in (example.user_hash, example.editor_hash))
    where = EventFilter(ids=[example.event_id for example in examples], training_allowed=False)
    events = set(event_store().scan(where, ["id"]).read_all()["id"].to_pylist())
    return {
        example.pk
        for example in examples
        if str(example.event_id) in events or people & {example.user_hash, example.editor_hash}
    }
