"""The rows of a set: examples, what waits in its queue, and preference pairs; and what its build did with each event.

Examples and pairs take their ids from one sequence, so that an id alone names a row. When a person is erased, rows of
decided sets stay without texts and hashes of people. `row_hash` is salted by the set: see `curation.review.sealing`.
"""

from uuid import UUID

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Abs

from curation.choices import Decision, PairSource, Split, Strategy
from curation.models.sets import CuratedSet
from curation.querysets import CuratedExampleQuerySet, CuratedPairQuerySet
from feedback import exact_json


def json_field(**options) -> models.JSONField:
    """JSON whose numbers stay as they were sent."""
    return models.JSONField(encoder=exact_json.Encoder, decoder=exact_json.Decoder, **options)


class CuratedExample(models.Model):
    """A snapshot of one event in one set. It is kept after the event is deleted.

    A row with a `queue_reason` waits for a person: it is in the set's queue and in no export, until a person decides.
    """

    KIND = "example"

    curated_set = models.ForeignKey(CuratedSet, on_delete=models.PROTECT, related_name="examples")
    position = models.PositiveIntegerField()
    event_id = models.UUIDField()
    user_hash = models.CharField("user", max_length=64, blank=True, help_text="Whose event it was.")
    session_hash = models.CharField("session", max_length=64, blank=True, db_default="", default="")
    editor_hash = models.CharField("editor", max_length=64, blank=True, help_text="Who edited the response.")
    strategy = models.CharField(max_length=32, choices=Strategy.choices)
    score = models.FloatField()
    reason = models.TextField()
    queue_reason = models.TextField(blank=True, db_default="", default="")
    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True, db_default="", default="")
    group_id = models.CharField("group", max_length=32, blank=True, db_default="", default="")
    split = models.CharField(max_length=16, choices=Split.choices, db_default=Split.TRAIN.value, default=Split.TRAIN)
    p_good = models.FloatField("probability that the answer is good", null=True)
    users = models.PositiveIntegerField("users with evidence", null=True)
    prompt = models.TextField()
    messages = json_field(null=True)
    response = models.TextField(blank=True)
    response_message = json_field(null=True)
    edited_response = models.TextField(blank=True)
    tools = json_field(null=True, verbose_name="declared tools")
    reviewed_response = models.TextField("the reviewer's answer", blank=True, db_default="", default="")
    model_version_id = models.CharField("model version", max_length=255, blank=True)
    occurred_at = models.DateTimeField()
    row_hash = models.CharField(max_length=64, blank=True, db_default="", default="")
    erased_at = models.DateTimeField(null=True)

    objects = CuratedExampleQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("curated_set", "event_id", name="curated_example_event_once"),
            models.UniqueConstraint("curated_set", "position", name="curated_example_position_once"),
            models.CheckConstraint(name="curated_example_split_valid", condition=Q(split__in=Split.values)),
            models.CheckConstraint(
                name="curated_example_decision_valid", condition=Q(decision="") | Q(decision__in=Decision.values)
            ),
            models.CheckConstraint(
                name="curated_example_reviewed_answer_of_an_edit",
                condition=Q(reviewed_response="") | Q(decision=Decision.EDIT),
            ),
            models.CheckConstraint(name="curated_example_strategy_valid", condition=Q(strategy__in=Strategy.values)),
            models.CheckConstraint(
                name="curated_example_edit_has_text",
                condition=~Q(strategy=Strategy.USER_EDIT) | ~Q(edited_response="") | Q(erased_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index("event_id", name="curated_example_event"),
            models.Index("user_hash", name="curated_example_user", condition=~Q(user_hash="")),
            models.Index("editor_hash", name="curated_example_editor", condition=~Q(editor_hash="")),
            models.Index("curated_set", name="curated_example_erased", condition=Q(erased_at__isnull=False)),
            models.Index("curated_set", "position", name="curated_example_undecided", condition=Q(decision="")),
            models.Index(
                "curated_set",
                Abs(F("p_good") - Value(0.5)),
                "position",
                name="curated_example_uncertain",
                condition=Q(decision=""),
            ),
        ]

    def __str__(self):
        return f"{self.strategy} {self.event_id}"

    @property
    def is_accepted(self) -> bool:
        """Whether it passed every gate, or a person decided that it belongs to the set."""
        return self.decision in (Decision.KEEP, Decision.EDIT) or not self.decision and not self.queue_reason

    @property
    def is_queued(self) -> bool:
        return bool(self.queue_reason) and not self.decision

    @property
    def people(self) -> set[str]:
        """Whose row it is: the hashes of the user and of the editor."""
        return {self.user_hash, self.editor_hash}

    @property
    def event_ids(self) -> tuple[UUID, ...]:
        return (self.event_id,)


class CuratedPair(models.Model):
    """Two answers to one prompt, as snapshots: the chosen and the rejected one.

    Of an edit both are of one event. margin: how much better the chosen one is, 0 to 1. comparison: of a reviewer who
    saw both answers, if that made the pair.
    """

    KIND = "pair"

    id = models.BigIntegerField(
        primary_key=True, db_default=Func(Value("curation_curatedexample_id_seq"), function="nextval")
    )
    curated_set = models.ForeignKey(CuratedSet, on_delete=models.PROTECT, related_name="pair_rows")
    position = models.PositiveIntegerField()
    pair_source = models.CharField(max_length=16, choices=PairSource.choices)
    margin = models.FloatField()
    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True, db_default="", default="")
    chosen_event_id = models.UUIDField()
    rejected_event_id = models.UUIDField()
    user_hash = models.CharField("user of the chosen answer", max_length=64, blank=True)
    rejected_user_hash = models.CharField("user of the rejected answer", max_length=64, blank=True)
    session_hash = models.CharField("session of the chosen answer", max_length=64, blank=True)
    editor_hash = models.CharField("editor", max_length=64, blank=True)
    group_id = models.CharField("group", max_length=32, blank=True, db_default="", default="")
    split = models.CharField(max_length=16, choices=Split.choices, db_default=Split.TRAIN.value, default=Split.TRAIN)
    prompt = models.TextField()
    messages = json_field(null=True)
    chosen = models.TextField(blank=True)
    chosen_message = json_field(null=True)
    rejected = models.TextField(blank=True)
    rejected_message = json_field(null=True)
    tools = json_field(null=True, verbose_name="declared tools")
    chosen_version = models.CharField("model version of the chosen answer", max_length=255, blank=True)
    rejected_version = models.CharField("model version of the rejected answer", max_length=255, blank=True)
    occurred_at = models.DateTimeField("chosen answer given at")
    comparison = models.OneToOneField("curation.Comparison", on_delete=models.CASCADE, null=True, related_name="pair")
    row_hash = models.CharField(max_length=64, blank=True, db_default="", default="")
    erased_at = models.DateTimeField(null=True)

    objects = CuratedPairQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("curated_set", "position", name="curated_pair_position_once"),
            models.UniqueConstraint(
                fields=["curated_set", "chosen_event_id", "rejected_event_id", "pair_source"],
                name="curated_pair_once",
                condition=Q(comparison=None),
            ),
            models.CheckConstraint(
                name="curated_pair_decision_valid", condition=Q(decision="") | Q(decision__in=Decision.values)
            ),
            models.CheckConstraint(name="curated_pair_split_valid", condition=Q(split__in=Split.values)),
            models.CheckConstraint(name="curated_pair_source_valid", condition=Q(pair_source__in=PairSource.values)),
        ]
        indexes = [
            models.Index("chosen_event_id", name="curated_pair_chosen"),
            models.Index("rejected_event_id", name="curated_pair_rejected"),
            models.Index("user_hash", name="curated_pair_user", condition=~Q(user_hash="")),
            models.Index("rejected_user_hash", name="curated_pair_other_user", condition=~Q(rejected_user_hash="")),
            models.Index("editor_hash", name="curated_pair_editor", condition=~Q(editor_hash="")),
            models.Index("curated_set", name="curated_pair_erased", condition=Q(erased_at__isnull=False)),
            models.Index("curated_set", "position", name="curated_pair_undecided", condition=Q(decision="")),
        ]

    def __str__(self):
        return f"{self.pair_source} {self.chosen_event_id}"

    @property
    def people(self) -> set[str]:
        """Whose row it is: the hashes of the users and of the editor."""
        return {self.user_hash, self.rejected_user_hash, self.editor_hash}

    @property
    def event_ids(self) -> tuple[UUID, ...]:
        return (self.chosen_event_id, self.rejected_event_id)


class TracedEvents(models.Model):
    """The outcomes of some thousand events in the build of a set, in order of their ids from `first_id` on.

    rows: an Arrow stream, see `curation.sets.tracing`.
    """

    curated_set = models.ForeignKey(CuratedSet, on_delete=models.PROTECT, related_name="traces")
    first_id = models.UUIDField()
    rows = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint("curated_set", "first_id", name="traced_events_once")]

    def __str__(self):
        return f"{self.curated_set_id} {self.first_id}"
