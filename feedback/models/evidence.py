"""Evidence about events: what live signals and gold scores say, and the fits that turn votes into probabilities."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from feedback.choices import Agreement, FeedbackState
from feedback.querysets.evidence import AuditQuerySet, EvidenceQuerySet, EvidenceSnapshotQuerySet


class Evidence(models.Model):
    """The evidence about one event with a live signal that counts, or a gold score of its own.

    `voters` are 64-bit hashes of users, 0 for one without an identity, each with its votes in `ups` and `downs`;
    `gold` are gold scores from 0 to 1. The others follow from these: see `feedback.evidence`. `answer_key` is equal for
    events with the same prompt and answer, None in rows from before it was kept.
    """

    event_id = models.UUIDField(primary_key=True)
    deployment_id = models.CharField("deployment", max_length=255)
    model_version_id = models.CharField("model version", max_length=255, blank=True)
    prompt_version = models.CharField(max_length=255, blank=True)
    experiment = models.CharField(max_length=255, blank=True)
    occurred_at = models.DateTimeField()
    state = models.CharField(max_length=5, choices=FeedbackState.choices)
    voters = ArrayField(models.BigIntegerField(), default=list)
    ups = ArrayField(models.FloatField(), default=list)
    downs = ArrayField(models.FloatField(), default=list)
    gold = ArrayField(models.FloatField(), default=list)
    up = models.FloatField()
    down = models.FloatField()
    users = models.IntegerField()
    approval = models.FloatField(null=True)
    p_good = models.FloatField(null=True)
    snapshot = models.ForeignKey("EvidenceSnapshot", on_delete=models.PROTECT, null=True, related_name="+")
    weights_version = models.CharField(max_length=16)
    answer_key = models.BigIntegerField(null=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="evidence_state_valid", condition=Q(state__in=FeedbackState.values)),
            models.CheckConstraint(
                name="evidence_votes_of_each_voter",
                condition=Q(ups__len=F("voters__len"), downs__len=F("voters__len")),
            ),
            models.CheckConstraint(
                name="evidence_approval_in_range", condition=Q(approval__isnull=True) | Q(approval__range=(0, 1))
            ),
            models.CheckConstraint(
                name="evidence_p_good_in_range", condition=Q(p_good__isnull=True) | Q(p_good__range=(0, 1))
            ),
        ]
        indexes = [
            models.Index("deployment_id", F("occurred_at").desc(), F("event_id").desc(), name="evidence_newest"),
            models.Index("deployment_id", "p_good", "event_id", name="evidence_by_p_good"),
        ]

    def __str__(self):
        return str(self.event_id)


class EvidenceSnapshot(models.Model):
    """One fit of a deployment's votes, known by its number: the rate of each version and the reliability of users.

    reliability: of a user without one of their own. versions: objects with model_version_id, events, rate and
    log_odds, the prior; `log_odds` is that of every other version. votes: how many the fit saw.
    """

    deployment_id = models.CharField("deployment", max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)
    weights_version = models.CharField(max_length=16)
    is_fitted = models.BooleanField(default=False)
    agreement = models.CharField(max_length=12, choices=Agreement.choices)
    reliability = models.FloatField()
    log_odds = models.FloatField()
    versions = models.JSONField(default=list)
    events = models.IntegerField()
    votes = models.IntegerField()
    users = models.IntegerField()
    gold_scores = models.IntegerField()

    objects = EvidenceSnapshotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="evidence_snapshot_agreement_valid", condition=Q(agreement__in=Agreement.values)
            ),
            models.CheckConstraint(
                name="evidence_snapshot_reliability_in_range", condition=Q(reliability__range=(0.5, 0.95))
            ),
        ]
        indexes = [models.Index("deployment_id", F("id").desc(), name="evidence_snapshot_newest")]

    def __str__(self):
        return f"{self.deployment_id} {self.pk}"


class UserReliability(models.Model):
    """How often one user's votes are right, by one snapshot; users without a row have the snapshot's reliability."""

    snapshot = models.ForeignKey(EvidenceSnapshot, on_delete=models.CASCADE, related_name="reliabilities")
    voter = models.BigIntegerField()
    reliability = models.FloatField()
    votes = models.IntegerField()
    gold_votes = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint("snapshot", "voter", name="user_reliability_once"),
            models.CheckConstraint(name="user_reliability_in_range", condition=Q(reliability__range=(0.05, 0.95))),
        ]
        indexes = [models.Index("voter", name="user_reliability_voter")]

    def __str__(self):
        return f"{self.voter} {self.reliability:.2f}"


class TouchedEvent(models.Model):
    """An event whose signals or gold scores changed, written in the transaction of the change. Rows are only inserted;
    the task that fills the evidence deletes what it has read.
    """

    event_id = models.UUIDField()
    deployment_id = models.CharField("deployment", max_length=255)

    class Meta:
        indexes = [models.Index("deployment_id", "id", name="touched_event_of_deployment")]

    def __str__(self):
        return str(self.event_id)


class AuditedEvent(models.Model):
    """An event that was chosen, whatever its users said, to be answered by a gold score."""

    event_id = models.UUIDField(primary_key=True)
    deployment_id = models.CharField("deployment", max_length=255)
    model_version_id = models.CharField("model version", max_length=255, blank=True)
    occurred_at = models.DateTimeField()
    rate = models.FloatField()
    feedback_shown = models.BooleanField(null=True)
    gold = models.FloatField(null=True)
    answered_at = models.DateTimeField(null=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="audited_event_gold_in_range", condition=Q(gold__isnull=True) | Q(gold__range=(0, 1))
            )
        ]
        indexes = [models.Index("deployment_id", F("occurred_at").desc(), name="audited_event_newest")]

    def __str__(self):
        return str(self.event_id)
