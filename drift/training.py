"""What drift must know of training: when a deployment's data was last used."""

from datetime import datetime

from django.utils import timezone

from drift.models import TrainingMark


def mark(deployment_id: str, *, marked_at: datetime | None = None, source: str = "") -> TrainingMark:
    """Note that a training used this deployment's data up to this moment."""
    return TrainingMark.objects.create(
        deployment_id=deployment_id, marked_at=marked_at or timezone.now(), source=source
    )


def last_mark(deployment_id: str) -> TrainingMark | None:
    return TrainingMark.objects.of_deployment(deployment_id).order_by("-marked_at").first()
