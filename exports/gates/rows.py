"""The golden rows of a gate."""

from django.db.models import QuerySet

from curation.models import GoldenRow
from exports.models import GateRun


def rows_of(gate: GateRun) -> QuerySet[GoldenRow]:
    """The rows with a person's reference that the set had when the gate was requested, as they were marked."""
    return GoldenRow.objects.filter(golden_set=gate.golden_set_id).by_people().up_to(gate.last_row).order_by("pk")


def is_uploaded(gate: GateRun) -> bool:
    """Whether each row has an answer on every side that is uploaded."""
    rows = rows_of(gate).count()
    return all(gate.answers.filter(side=side, row__in=rows_of(gate)).count() == rows for side in gate.uploaded_sides)
