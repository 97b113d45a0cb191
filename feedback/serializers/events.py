"""API schemas of events and signals. The items as ingested are defined in `ingestion.items`."""

from rest_framework import serializers

from feedback.choices import Agreement, EventFileFormat, FeedbackState
from feedback.serializers.flags import FlagSerializer
from feedback.serializers.quality import CapSerializer, CheckSerializer


class EventFilterSerializer(serializers.Serializer):
    """Which events."""

    deployment_id = serializers.CharField(required=False)
    model_version_id = serializers.CharField(required=False)
    prompt_version = serializers.CharField(required=False)
    external_id = serializers.CharField(required=False)
    session_hash = serializers.CharField(required=False)
    min_quality = serializers.FloatField(required=False, min_value=0, max_value=1)
    signal = serializers.CharField(required=False)
    flag = serializers.CharField(
        required=False,
        help_text="A kind (injection, leakage, abuse), name or state (unreviewed, confirmed, dismissed) of a flag; of "
        "the newest 10,000 events that have one",
    )
    q = serializers.CharField(
        required=False,
        help_text="Words in the first 50,000 characters of the prompt or the response, among the newest 100,000 events "
        "of the deployment and time asked for",
    )

    def get_fields(self):
        # `from` is a keyword of Python, so it cannot be the name of a class attribute.
        return super().get_fields() | {
            "from": serializers.DateTimeField(required=False, help_text="Not before"),
            "to": serializers.DateTimeField(required=False, help_text="Before"),
        }


class EventQuerySerializer(EventFilterSerializer):
    """Filters and pages of the event list."""

    order = serializers.ChoiceField(
        ["newest", "worst"],
        default="newest",
        help_text="worst: only events with p_good, from the lowest",
    )
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=500, default=50)


class EventExportQuerySerializer(EventFilterSerializer):
    """Filters and format of a file of events."""

    format = serializers.ChoiceField(EventFileFormat.choices, default=EventFileFormat.JSONL)


class SignalSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    type = serializers.CharField()
    name = serializers.CharField(help_text="Of ratings and labels: what is rated or labelled")
    message_index = serializers.IntegerField(allow_null=True, help_text="The message it is about, from 0")
    value = serializers.JSONField(allow_null=True)
    retracted = serializers.BooleanField(help_text="It takes back what this user said before in the same slot")
    prompted = serializers.BooleanField(allow_null=True, help_text="Whether the user was asked")
    edited_response = serializers.CharField(allow_null=True)
    comment = serializers.CharField()
    live = serializers.BooleanField()
    occurred_at = serializers.DateTimeField()


class EventSummarySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    external_id = serializers.CharField()
    deployment_id = serializers.CharField()
    model_version_id = serializers.CharField()
    prompt_version = serializers.CharField()
    session_hash = serializers.CharField()
    user_hash = serializers.CharField()
    prompt = serializers.CharField()
    messages = serializers.JSONField(allow_null=True)
    response = serializers.CharField(help_text="The text of the answer, without reasoning")
    response_message = serializers.DictField(
        allow_null=True, help_text="The answer as a message of Chat Completions, with its calls and reasoning"
    )
    dialect = serializers.CharField(help_text="The form in which the messages came; '' for a prompt alone")
    tools_hash = serializers.CharField(help_text="Names the list of tools that was declared")
    tools_called = serializers.ListField(child=serializers.CharField())
    tool_choice = serializers.JSONField(allow_null=True)
    response_format = serializers.JSONField(allow_null=True)
    prompt_length = serializers.IntegerField(allow_null=True)
    response_length = serializers.IntegerField(allow_null=True)
    content_dropped = serializers.BooleanField()
    latency_ms = serializers.FloatField(allow_null=True)
    prompt_tokens = serializers.IntegerField(allow_null=True)
    completion_tokens = serializers.IntegerField(allow_null=True)
    token_count = serializers.IntegerField(allow_null=True)
    cost_usd = serializers.FloatField(allow_null=True)
    finish_reason = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    experiment = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    trace_id = serializers.CharField()
    span_id = serializers.CharField()
    feedback_shown = serializers.BooleanField(allow_null=True)
    training_allowed = serializers.BooleanField()
    metadata = serializers.DictField(allow_null=True)
    masked = serializers.DictField(child=serializers.IntegerField())
    quality_score = serializers.FloatField(allow_null=True)


class QualitySerializer(serializers.Serializer):
    score = serializers.FloatField(allow_null=True)
    checks = CheckSerializer(many=True)
    caps = CapSerializer(many=True)


class ScoreSerializer(serializers.Serializer):
    """A score of another assessor: `raw` is from `minimum` to `maximum`, `score` the same from 0 to 1."""

    assessor = serializers.CharField()
    name = serializers.CharField()
    profile = serializers.CharField()
    raw = serializers.FloatField()
    score = serializers.FloatField()
    minimum = serializers.FloatField()
    maximum = serializers.FloatField()
    version = serializers.CharField()
    assessed_at = serializers.DateTimeField()


class ShareSerializer(serializers.Serializer):
    mean = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    level = serializers.FloatField(help_text="Of the interval from low to high")


class EvidenceSerializer(serializers.Serializer):
    """What signals and gold scores say of the answer. It follows them within about a minute."""

    state = serializers.ChoiceField(choices=FeedbackState.choices)
    up = serializers.FloatField(help_text="Users for the answer; one counts at most 1")
    down = serializers.FloatField(help_text="Users against the answer")
    users = serializers.IntegerField()
    gold = serializers.ListField(child=serializers.FloatField(), help_text="Gold scores from 0 to 1")
    approval = ShareSerializer(allow_null=True, help_text="The share of users who would approve")
    p_good = serializers.FloatField(
        allow_null=True, help_text="The probability that the answer is good; null if users do not agree enough"
    )
    snapshot = serializers.IntegerField(allow_null=True, help_text="The fit that p_good comes from")
    agreement = serializers.ChoiceField(choices=Agreement.choices)


class EventSerializer(EventSummarySerializer):
    tools = serializers.ListField(
        child=serializers.DictField(), allow_null=True, help_text="The declared tools, in the form of Chat Completions"
    )
    quality = QualitySerializer()
    scores = ScoreSerializer(many=True)
    evidence = EvidenceSerializer(allow_null=True, help_text="Null without a signal that counts or a gold score")
    signals = SignalSerializer(many=True)
    flags = FlagSerializer(many=True)


class ListedEventSerializer(EventSummarySerializer):
    evidence = EvidenceSerializer(allow_null=True, help_text="Null without a signal that counts or a gold score")
    truncated = serializers.ListField(
        child=serializers.CharField(),
        help_text="Fields too long for a list: texts are cut, messages and metadata null. Read the event itself.",
    )


class EventListSerializer(serializers.Serializer):
    results = ListedEventSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    searched_from = serializers.DateTimeField(
        allow_null=True, help_text="With q: when the oldest event occurred that was searched; null if all were"
    )


class StoredFeedbackEventSerializer(serializers.Serializer):
    """A stored event and one reaction, as Feedback.Event of the Crucible IR."""

    id = serializers.CharField()
    deployment_id = serializers.CharField()
    model_version = serializers.CharField(allow_null=True)
    input = serializers.DictField()
    output = serializers.DictField()
    feedback_type = serializers.CharField()
    feedback_value = serializers.JSONField(allow_null=True)
    user_id = serializers.CharField(allow_null=True, help_text="The keyed hash of the user")
    session_id = serializers.CharField(allow_null=True, help_text="The keyed hash of the session")
    latency_ms = serializers.FloatField(allow_null=True)
    timestamp = serializers.DateTimeField()
    metadata = serializers.DictField(allow_null=True)


class FeedbackEventsSerializer(serializers.Serializer):
    results = StoredFeedbackEventSerializer(many=True)
