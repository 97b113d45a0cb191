from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from curation.choices import MOST_SAMPLED, ApprovalRule
from feedback.models import Deployment

_SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]


class ApprovalPolicy(models.Model):
    """What people must have decided before a set of a deployment is approved. Without one, nothing besides the set.

    A number without effect under the chosen rule is kept.
    """

    deployment = models.OneToOneField(
        Deployment, on_delete=models.CASCADE, primary_key=True, related_name="approval_policy"
    )
    rule = models.CharField(max_length=16, choices=ApprovalRule.choices, default=ApprovalRule.SET)
    sample_size = models.PositiveIntegerField(
        "rows of the sample", default=50, validators=[MinValueValidator(1), MaxValueValidator(MOST_SAMPLED)]
    )
    max_bad_share = models.FloatField("highest share of bad rows", default=0.1, validators=_SHARE)
    min_p_good = models.FloatField("bound of p_good", default=0.9, validators=_SHARE)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "approval policies"
        constraints = [
            models.CheckConstraint(name="approval_policy_rule_valid", condition=Q(rule__in=ApprovalRule.values)),
            models.CheckConstraint(
                name="approval_policy_sample_size_valid", condition=Q(sample_size__gte=1, sample_size__lte=MOST_SAMPLED)
            ),
            models.CheckConstraint(
                name="approval_policy_shares_valid",
                condition=Q(max_bad_share__gte=0, max_bad_share__lte=1, min_p_good__gte=0, min_p_good__lte=1),
            ),
        ]

    def __str__(self):
        return f"{self.rule} of {self.deployment_id}"
