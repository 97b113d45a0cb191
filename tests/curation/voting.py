"""Events with votes of users, and the evidence that follows when a set is built."""

import hashlib
import uuid
from datetime import timedelta

from feedback.choices import SignalType
from feedback.models import TouchedEvent
from tests.factories import NOON, EventFactory, SignalFactory


def phrase(number):
    """Words that are alike for no two numbers."""
    digits = hashlib.sha256(str(number).encode()).hexdigest()
    return " ".join(digits[start : start + 6] for start in range(0, 36, 6))


def react(event, kind, *, user=None, **fields):
    """One signal of one user, a new one unless named, that evidence takes notice of."""
    user = uuid.uuid4().hex if user is None else user
    TouchedEvent.objects.create(event_id=event.id, deployment_id=event.deployment_id)
    return SignalFactory(event_id=event.id, deployment_id=event.deployment_id, type=kind, user_hash=user, **fields)


def voted(up=0, down=0, *, number=0, **fields):
    """An event that so many users are for and against. number: later ones are older and have other texts."""
    fields = {"prompt": f"What is {phrase(number)}?", "response": f"It is {phrase(-number - 1)}.", **fields}
    event = EventFactory(occurred_at=NOON - timedelta(minutes=number), **fields)
    for kind, count in ((SignalType.THUMBS_UP, up), (SignalType.THUMBS_DOWN, down)):
        for _ in range(count):
            react(event, kind)
    return event


def edited(event, text, *, minutes=0, user=None, **fields):
    """An edit of a user, a new one unless named."""
    at = NOON + timedelta(minutes=minutes)
    return react(event, SignalType.EDIT, user=user, edited_response=text, occurred_at=at, **fields)
