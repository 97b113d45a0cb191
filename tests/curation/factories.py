import uuid

import factory
from factory.django import DjangoModelFactory

from curation import models
from curation.choices import SELECTING, CopyMethod, CuratedSetStatus, GoldenAuthor, LinkKind, PairSource, Strategy
from feedback.models import Deployment
from tests.factories import NOON, StaffFactory


class CuratedSetFactory(DjangoModelFactory):
    """A draft; `examples=n` gives it n high-quality examples."""

    class Meta:
        model = models.CuratedSet
        skip_postgeneration_save = True

    deployment = factory.LazyFunction(lambda: Deployment.objects.get_or_create(pk="helpdesk")[0])
    name = "curated"
    version = factory.Sequence(lambda n: n + 1)
    major = factory.SelfAttribute("version")
    status = CuratedSetStatus.DRAFT
    strategies = list(SELECTING)
    limit = 100
    content_hash = "c" * 64
    built_at = NOON

    @factory.post_generation
    def examples(self, create, count, **kwargs):
        for position in range(count or 0):
            CuratedExampleFactory(curated_set=self, position=position, **kwargs)

    @factory.post_generation
    def with_pairs(self, create, count, **kwargs):
        for position in range(count or 0):
            CuratedPairFactory(curated_set=self, position=position, **kwargs)


class CuratedExampleFactory(DjangoModelFactory):
    class Meta:
        model = models.CuratedExample

    curated_set = factory.SubFactory(CuratedSetFactory)
    position = factory.Sequence(lambda n: n)
    event_id = factory.LazyFunction(uuid.uuid4)
    strategy = Strategy.HIGH_QUALITY
    score = 3.9
    reason = "Quality 0.90 with 1 thumbs up."
    prompt = "How do I reset my password?"
    response = "Open the settings page, choose Security and follow the link."
    occurred_at = NOON


class CuratedPairFactory(DjangoModelFactory):
    class Meta:
        model = models.CuratedPair

    curated_set = factory.SubFactory(CuratedSetFactory)
    position = factory.Sequence(lambda n: n)
    pair_source = PairSource.VOTES
    margin = 0.62
    chosen_event_id = factory.LazyFunction(uuid.uuid4)
    rejected_event_id = factory.LazyFunction(uuid.uuid4)
    prompt = "How do I reset my password?"
    chosen = "Open the settings page, choose Security and follow the link."
    rejected = "Please wait."
    chosen_version = "v2"
    rejected_version = "v1"
    occurred_at = NOON


class ComparisonFactory(DjangoModelFactory):
    """The answer of a row against that of another event; without `other_event_id` against the edit of the row."""

    class Meta:
        model = models.Comparison

    curated_set = factory.SelfAttribute("example.curated_set")
    example = factory.SubFactory(CuratedExampleFactory)
    gap = 0.1


class DuplicateLinkFactory(DjangoModelFactory):
    """An event that repeats the text of a kept row."""

    class Meta:
        model = models.DuplicateLink

    curated_set = factory.SubFactory(CuratedSetFactory)
    kind = LinkKind.DROPPED
    method = CopyMethod.EXACT
    similarity = 1.0
    kept_event_id = factory.LazyFunction(uuid.uuid4)
    dropped_event_id = factory.LazyFunction(uuid.uuid4)


class EvaluationSetFactory(DjangoModelFactory):
    """A registered set of one text, which is not stored."""

    class Meta:
        model = models.EvaluationSet

    name = factory.Sequence(lambda n: f"benchmark {n}")
    source = "test.jsonl"
    columns = ["question"]
    rows = 1
    texts = 1
    grams = 0
    content_hash = "e" * 64
    version = "0"


class GoldenSetFactory(DjangoModelFactory):
    """A golden set without rows."""

    class Meta:
        model = models.GoldenSet

    deployment = factory.LazyFunction(lambda: Deployment.objects.get_or_create(pk="helpdesk")[0])
    name = factory.Sequence(lambda n: f"golden {n}")
    created_by = factory.SubFactory(StaffFactory)


class GoldenRowFactory(DjangoModelFactory):
    class Meta:
        model = models.GoldenRow

    golden_set = factory.SubFactory(GoldenSetFactory)
    event_id = factory.LazyFunction(uuid.uuid4)
    prompt = factory.Sequence(lambda n: f"What is the capital of country {n}?")
    reference = factory.Sequence(lambda n: f"City {n}")
    author = GoldenAuthor.REVIEWER
    marked_by = factory.SelfAttribute("golden_set.created_by")
