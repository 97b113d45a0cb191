"""API schemas of the figures of a deployment: checks and feedback, side by side."""

from rest_framework import serializers

from feedback.choices import Bucket, Split


class QualityQuerySerializer(serializers.Serializer):
    bucket = serializers.ChoiceField(Bucket.choices, default=Bucket.DAY.value)
    days = serializers.IntegerField(min_value=1, max_value=366, default=30)
    by = serializers.ChoiceField(
        Split.choices, default=Split.MODEL_VERSION.value, help_text="What the groups are; segments are named key=value"
    )


class ChecksFigureSerializer(serializers.Serializer):
    n = serializers.IntegerField(help_text="Scored events")
    mean = serializers.FloatField(allow_null=True, help_text="Mean score of form, from 0 to 1")
    interval = serializers.ListField(
        child=serializers.FloatField(),
        allow_null=True,
        min_length=2,
        max_length=2,
        help_text="Of the mean; null for fewer than two",
    )
    level = serializers.FloatField(help_text="Of the interval")


class CheckFigureSerializer(ChecksFigureSerializer):
    name = serializers.CharField()


class BucketSerializer(ChecksFigureSerializer):
    start = serializers.DateTimeField()
    model_version_id = serializers.CharField()


class FeedbackFigureSerializer(serializers.Serializer):
    n = serializers.IntegerField(help_text="Users who voted; the interval counts them, not their votes")
    mean = serializers.FloatField(allow_null=True, help_text="Approval: the share of users who approve, from 0 to 1")
    interval = serializers.ListField(
        child=serializers.FloatField(),
        allow_null=True,
        min_length=2,
        max_length=2,
        help_text="Of the mean; null for fewer than two users",
    )
    level = serializers.FloatField(help_text="Of the interval")
    events_read = serializers.IntegerField(help_text="Events whose votes are in the mean, the newest of each bucket")


class StatesSerializer(serializers.Serializer):
    good = serializers.IntegerField()
    bad = serializers.IntegerField()
    mixed = serializers.IntegerField()


class SignalCountSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    per_100 = serializers.FloatField(allow_null=True, help_text="Per 100 events; null without events")


class RatingsSerializer(serializers.Serializer):
    name = serializers.CharField(help_text="Of the ratings; empty without one")
    n = serializers.IntegerField()
    mean = serializers.FloatField()


class CountsSerializer(serializers.Serializer):
    events = serializers.IntegerField()
    voted = serializers.IntegerField(help_text="Events with a signal that counts")
    states = StatesSerializer(help_text="These events by what their signals say")
    signals = serializers.DictField(child=SignalCountSerializer(), help_text="Live signals by type, those there are")
    ratings = RatingsSerializer(many=True)


class FeedbackBucketSerializer(FeedbackFigureSerializer, CountsSerializer):
    start = serializers.DateTimeField()
    model_version_id = serializers.CharField()


class DeploymentFeedbackSerializer(FeedbackFigureSerializer):
    recounting = serializers.BooleanField(
        help_text="Whether states are being counted again after a change of weights; until then they may be incomplete"
    )
    buckets = FeedbackBucketSerializer(many=True)


class TotalSerializer(CountsSerializer):
    checks = ChecksFigureSerializer()
    by_check = CheckFigureSerializer(many=True)
    feedback = FeedbackFigureSerializer()


class RepeatedSerializer(serializers.Serializer):
    """How many answers of a model version are one answer to many prompts."""

    n = serializers.IntegerField(help_text="Sampled answers of the version")
    share = serializers.FloatField(allow_null=True, help_text="From 0 to 1; null: not enough data, n below 100")
    interval = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, min_length=2, max_length=2, help_text="Of the share"
    )
    level = serializers.FloatField(help_text="Of the interval")


class GroupSerializer(TotalSerializer):
    name = serializers.CharField(allow_blank=True)
    repeated = RepeatedSerializer(allow_null=True, help_text="Null unless groups are model versions")


class DistinctUsersSerializer(serializers.Serializer):
    """An estimate with its interval."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    level = serializers.FloatField()


class PeopleFigureSerializer(ChecksFigureSerializer):
    """The mean score of people by a rubric, over the events of the last `days` days that they scored."""

    assessor = serializers.CharField()
    rubric = serializers.CharField()
    n = serializers.IntegerField(help_text="Scored events")
    people = serializers.IntegerField()
    scores = serializers.IntegerField(help_text="Scores of one event by one person")
    counts_people = serializers.BooleanField(
        help_text="Whether the interval is also for other people; false for fewer than five"
    )


class JudgeFigureSerializer(ChecksFigureSerializer):
    """The mean score of a judge by a rubric, over the events of the last `days` days that it scored."""

    assessor = serializers.CharField(help_text="`judge:` and the name")
    name = serializers.CharField()
    rubric = serializers.CharField(help_text="Name and version, as in `tip-v1`")
    agreement = serializers.FloatField(allow_null=True, help_text="Mean agreement of votes; null with one endpoint")


class QualityStatisticsSerializer(ChecksFigureSerializer):
    """The first figures, `n` to `buckets`, are those of the checks."""

    buckets = BucketSerializer(many=True)
    feedback = DeploymentFeedbackSerializer()
    judges = JudgeFigureSerializer(many=True, allow_null=True, help_text="By judge and rubric; null: no judge scores")
    people = PeopleFigureSerializer(many=True, allow_null=True, help_text="By rubric; null: no one gives scores")
    users = DistinctUsersSerializer(help_text="Who sent the events")
    total = TotalSerializer(help_text="All events of the last `days` days")
    by = serializers.ChoiceField(Split.choices)
    groups = GroupSerializer(many=True, help_text="The same by value of `by`, those with most events first")
