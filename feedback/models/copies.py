"""The position of a copy from one event store to another."""

from django.db import models
from django.db.models import Q

from feedback.choices import ItemKind


class CopyPlace(models.Model):
    """The last copied item, in the order of time and id; an interrupted copy continues after it."""

    source = models.CharField(max_length=255)
    target = models.CharField(max_length=255)
    kind = models.CharField(max_length=16, choices=ItemKind.choices)
    occurred_at = models.DateTimeField()
    item_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint("source", "target", "kind", name="copy_place_once"),
            models.CheckConstraint(name="copy_place_kind_valid", condition=Q(kind__in=ItemKind.values)),
        ]

    def __str__(self):
        return f"{self.kind} from {self.source} to {self.target}"
