"""The reasons for which people drop rows."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from curation.models.decisions import MAX_REASON_CHARACTERS


class DropReason(models.Model):
    """A reason that the console offers, by one of the keys 1 to 9. Decisions store its code."""

    key = models.PositiveSmallIntegerField(
        unique=True,
        validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text="The key 1 to 9 that chooses it.",
    )
    code = models.SlugField(
        max_length=MAX_REASON_CHARACTERS, unique=True, help_text="What decisions and the API call it; it stays."
    )
    name = models.CharField(max_length=100)
    is_about_the_answer = models.BooleanField(
        "says that the answer is bad",
        default=True,
        help_text="A row dropped for it counts as a bad answer. Off for duplicates and the like.",
    )

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(name="drop_reason_key_in_range", condition=Q(key__gte=1, key__lte=9)),
            models.CheckConstraint(name="drop_reason_named", condition=~Q(code="") & ~Q(name="")),
        ]

    def __str__(self):
        return self.name
