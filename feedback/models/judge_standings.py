"""How far judges agree with people, and what follows from it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from feedback.models.judging import Judge
from feedback.models.rubrics import RubricVersion
from feedback.querysets.gold import JudgeStandingQuerySet


class JudgeStanding(models.Model):
    """The measured agreement of a judge with people, and what an operator lets it decide as long as that holds.

    least_kappa: what the lower end of the interval of kappa must reach. n, kappa, low and high: of the composite, over
    events that people and the judge scored by `rubric_version`; figures: all of it. is_current: whether no score of the
    judge or of people came since. holds: whether the agreement is enough; reason says why or why not.
    """

    judge = models.OneToOneField(Judge, on_delete=models.CASCADE, primary_key=True, related_name="standing")
    least_kappa = models.FloatField(default=0.6, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)])
    is_gold = models.BooleanField("gold", default=False)
    used_by_triggers = models.BooleanField("used by triggers", default=False)
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, null=True, related_name="+")
    n = models.PositiveIntegerField("events", default=0)
    kappa = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    figures = models.JSONField(default=dict)
    is_current = models.BooleanField(default=False, db_default=False)
    holds = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, blank=True)
    measured_at = models.DateTimeField(null=True)

    objects = JudgeStandingQuerySet.as_manager()

    class Meta:
        ordering = ["judge"]
        constraints = [
            models.CheckConstraint(name="judge_standing_least_kappa_in_range", condition=Q(least_kappa__range=(0, 1))),
            models.CheckConstraint(
                name="judge_standing_holds_if_measured",
                condition=Q(holds=False) | Q(low__isnull=False, measured_at__isnull=False),
            ),
        ]
        indexes = [models.Index("judge", name="judge_standing_to_measure", condition=Q(is_current=False))]

    def __str__(self):
        return f"Agreement of {self.judge}"
