import factory
from factory.django import DjangoModelFactory

from curation.choices import CuratedSetStatus
from exports import models
from exports.choices import ExportFormat
from tests.curation.factories import CuratedExampleFactory, CuratedSetFactory
from tests.factories import StaffFactory


class ExportBatchFactory(DjangoModelFactory):
    class Meta:
        model = models.ExportBatch

    key = factory.Sequence(lambda n: f"{n:064x}")
    curated_set = factory.LazyFunction(lambda: approved_set([{}]))
    format = ExportFormat.JSONL
    requested_by = factory.SubFactory(StaffFactory)


def approved_set(examples, **fields):
    """An approved set with one example for each dict of fields."""
    curated_set = CuratedSetFactory(**fields)
    for position, example in enumerate(examples):
        CuratedExampleFactory(curated_set=curated_set, position=position, **example)
    curated_set.status = CuratedSetStatus.APPROVED
    curated_set.save(update_fields=["status"])
    return curated_set
