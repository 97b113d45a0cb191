"""Which rows of a set left before, in a published export of the same product."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q

from curation.models import CuratedExample, CuratedPair, CuratedSet
from exports.models import ExportBatch, ExportItem


def rows_left(curated_set: CuratedSet, product: str) -> set[int]:
    """The ids of the set's examples and pairs that left, in this set or in another set of the deployment."""
    batches = ExportBatch.objects.filter(
        published_at__isnull=False, curated_set__deployment_id=curated_set.deployment_id
    )
    if product:
        batches = batches.filter(Q(product=product) | Q(product=""))
    items = ExportItem.objects.filter(batch__in=batches)
    examples = CuratedExample.objects.filter(curated_set=curated_set)
    pairs = CuratedPair.objects.filter(curated_set=curated_set)
    left = items.filter(example__event_id=OuterRef("event_id"))
    left_pairs = items.filter(
        pair__chosen_event_id=OuterRef("chosen_event_id"), pair__rejected_event_id=OuterRef("rejected_event_id")
    )
    found = set(examples.filter(Exists(left)).values_list("pk", flat=True))
    return found | set(pairs.filter(Exists(left_pairs)).values_list("pk", flat=True))


def has_others(curated_set: CuratedSet, left: Collection[int]) -> bool:
    """Whether a set has rows beside these."""
    rows = [kind.objects.filter(curated_set=curated_set) for kind in (CuratedExample, CuratedPair)]
    return any(some.exclude(pk__in=left).exists() for some in rows)
