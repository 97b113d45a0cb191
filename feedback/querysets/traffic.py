from uuid import UUID

from django.apps import apps
from django.contrib.postgres.lookups import SearchLookup
from django.db.models import Exists, OuterRef, Q, QuerySet, UUIDField
from django.db.models.functions import Left

from feedback.choices import SignalState
from feedback.querysets.lookups import Among

# The words of one longer text can exceed what a text search vector holds, which would fail the whole query.
SEARCHED_CHARACTERS = 50_000

UUIDField.register_lookup(Among)


class ToolListQuerySet(QuerySet):
    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)

    def newest_first(self):
        return self.order_by("-first_seen_at", "-id")

    def oldest_first(self):
        return self.order_by("first_seen_at", "id")


class TimelineQuerySet(QuerySet):
    """Rows in the order of (occurred_at, id)."""

    def newest_first(self):
        return self.order_by("-occurred_at", "-id")

    def oldest_first(self):
        return self.order_by("occurred_at", "id")

    # The first condition of these two lets the index begin at the event instead of at the newest.
    def older_than(self, occurred_at, event_id):
        return self.filter(occurred_at__lte=occurred_at).filter(
            Q(occurred_at__lt=occurred_at) | Q(occurred_at=occurred_at, id__lt=event_id)
        )

    def newer_than(self, occurred_at, event_id):
        return self.filter(occurred_at__gte=occurred_at).filter(
            Q(occurred_at__gt=occurred_at) | Q(occurred_at=occurred_at, id__gt=event_id)
        )


def given(lookups):
    return {lookup: value for lookup, value in lookups.items() if value is not None}


def _within(rows, where):
    if where.older_than is not None:
        rows = rows.older_than(*where.older_than)
    return rows if where.newer_than is None else rows.newer_than(*where.newer_than)


class SignalQuerySet(TimelineQuerySet):
    def live(self):
        return self.filter(live=True)

    def waiting(self):
        return self.filter(waiting=True)

    def replaced(self):
        return self.filter(live=False, waiting=False)

    def without_an_event(self):
        """Signals that wait for their event, and those about a session."""
        return self.filter(Q(waiting=True) | Q(event_id=None, external_id=""))

    def with_exact_id(self, text):
        """The signals whose own id, or whose event's id, is exactly this."""
        try:
            wanted = UUID(text)
        except ValueError:
            return self.none()
        return self.filter(Q(pk=wanted) | Q(event_id=wanted))

    def occurred_before(self, moment):
        return self.filter(occurred_at__lt=moment)

    def matching(self, where):
        """The signals that a `feedback.stores.base.SignalFilter` asks for."""
        exact = {
            "deployment_id": where.deployment_id,
            "deployment_id__in": where.deployment_ids,
            "id__among": where.ids,
            "event_id__among": where.event_ids,
            "external_id__in": where.external_ids,
            "type__in": where.types,
            "user_hash__in": where.user_hashes,
            "session_hash": where.session_hash,
            "session_hash__in": where.session_hashes,
            "occurred_at__gte": where.occurred_from,
            "occurred_at__lt": where.occurred_to,
            "received_at__lt": where.received_to,
        }
        states = {"live": self.live, "history": self.replaced, "waiting": self.waiting, None: self.all}
        signals = states[where.state]().filter(**given(exact))
        if where.state == SignalState.LIVE:
            signals = signals.filter(waiting=False)
        if where.named is not None:
            signals = signals.with_exact_id(where.named)
        return _within(signals, where)


class EventQuerySet(TimelineQuerySet):
    def matching(self, where):
        """The events that a `feedback.stores.base.EventFilter` asks for."""
        exact = {
            "deployment_id": where.deployment_id,
            "deployment_id__in": where.deployment_ids,
            "model_version_id": where.model_version_id,
            "prompt_version": where.prompt_version,
            "id__among": where.ids,
            "external_id__in": where.external_ids,
            "user_hash__in": where.user_hashes,
            "session_hash": where.session_hash,
            "occurred_at__gte": where.occurred_from,
            "occurred_at__lt": where.occurred_to,
            "quality_score__gte": where.min_quality,
            "quality_score__lte": where.max_quality,
            "quality_score__lt": where.quality_below,
            "training_allowed": where.training_allowed,
            "tools_hash": where.tools_hash,
        }
        events = self.filter(**given(exact))
        if where.named is not None:
            events = events.with_exact_id(where.named)
        if where.signal is not None:
            events = events.with_live_signal(where.signal)
        if where.scored:
            events = events.filter(quality_score__isnull=False)
        if where.text:
            events = events.with_words(where.text)
        return _within(events, where)

    def with_words(self, words):
        """The events whose prompt or response holds these words among its first SEARCHED_CHARACTERS."""
        heads = [Left(name, SEARCHED_CHARACTERS) for name in ("prompt", "response")]
        return self.filter(Q(SearchLookup(heads[0], words)) | Q(SearchLookup(heads[1], words)))

    def with_exact_id(self, text):
        """The events whose id or external id is exactly this."""
        by_external_id = Q(external_id=text) & ~Q(external_id="")
        try:
            return self.filter(Q(pk=UUID(text)) | by_external_id)
        except ValueError:
            return self.filter(by_external_id)

    def with_live_signal(self, signal_type):
        signals = apps.get_model("feedback", "Signal").objects.live()
        return self.filter(Exists(signals.filter(event_id=OuterRef("pk"), type=signal_type)))
