"""Which events of the hourly sample stand for a window."""

from collections.abc import Sequence

from drift.windows.window import Span
from feedback.measures.repeats import SampledAnswer
from feedback.models import SampledEvent
from feedback.querysets.sampling import SampledEventQuerySet
from feedback.rollups import repeated
from feedback.stores.base import EventFilter


def ids_of(
    events: SampledEventQuerySet, spans: Sequence[Span], *, limit: int, among: set[str] | None = None
) -> list[str]:
    """Ids of at most `limit` sampled events in the order of their ranks, an equal share from each span."""
    ids = []
    for start, end in spans:
        rows = events.within(start, end).order_by("sample_rank", "event_id")
        found = [str(event_id) for event_id in rows.values_list("event_id", flat=True)[: None if among else limit]]
        if among is not None:
            found = [event_id for event_id in found if event_id in among]
        ids += found[: -(-limit // len(spans))]
    return ids[:limit]


def answers(
    where: EventFilter, spans: Sequence[Span], *, limit: int, among: set[str] | None = None
) -> list[SampledAnswer]:
    """The answers of at most `limit` sampled events of these spans, always the same ones."""
    ids = ids_of(SampledEvent.objects.matching(where).keyed(), spans, limit=limit, among=among)
    return repeated.sampled_answers(SampledEvent.objects.filter(pk__in=ids))
