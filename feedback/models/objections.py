"""Users whose data is not used for training."""

from django.conf import settings
from django.db import models

from feedback.querysets.objections import TrainingObjectionQuerySet


class TrainingObjection(models.Model):
    """One hash of a user whose events and edits stay out of sets and exports; each HASH_KEY makes another hash."""

    user_hash = models.CharField("user", max_length=64, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("recorded at", auto_now_add=True)

    objects = TrainingObjectionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(name="training_objection_of_somebody", condition=~models.Q(user_hash="")),
        ]

    def __str__(self):
        return self.user_hash[:12]
