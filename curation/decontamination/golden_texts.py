"""The prompts of golden rows, as builds compare candidates with them: a golden set is an evaluation set."""

from collections.abc import Iterator

from django.db.models import QuerySet

from curation.decontamination.decontaminator import Decontaminator, Hit
from curation.decontamination.signing import SignedTexts, signed_texts
from curation.models import GoldenRow, GoldenSet


def golden_texts(deployment_id: str) -> dict[str, Iterator[SignedTexts]]:
    """What is compared of the golden sets of a deployment; the number of a row is its id."""
    sets = GoldenSet.objects.filter(deployment_id=deployment_id).order_by("name")
    return {found.evaluation_name: signed_texts(_prompts(found.rows.order_by("pk"))) for found in sets}


def golden_hit(deployment_id: str, prompt: str) -> Hit | None:
    """Which golden row of a deployment has this prompt, if any."""
    return Decontaminator(golden_texts(deployment_id)).hit(prompt)


def _prompts(rows: QuerySet[GoldenRow]) -> Iterator[tuple[int, str]]:
    found = rows.values_list("pk", "prompt").iterator()
    return ((pk, prompt) for pk, prompt in found if prompt.strip())
