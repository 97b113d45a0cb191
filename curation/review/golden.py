"""Golden sets: rows whose answer a person wrote. They evaluate models, and stay out of training from then on."""

from collections.abc import Iterator, Sequence
from itertools import islice

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet

from curation.choices import Decision, GoldenAuthor, SetPart
from curation.decontamination.decontaminator import Decontaminator
from curation.decontamination.golden_texts import golden_texts
from curation.models import ContaminatedEvent, CuratedExample, CuratedPair, CuratedSet, GoldenRow, GoldenSet, GoldenUse
from curation.review import bulk, rows
from feedback.models import Deployment

DELETE_PERMISSION = "curation.delete_goldenset"
# The reason with which rows are dropped; it says nothing of the answer.
REASON = "golden"
# Rows whose prompts are compared at a time.
_BATCH = 2_000


class BeingBuilt(rows.NotDecidable):
    def __init__(self, deployment_id: str):
        super().__init__(
            f"A set of {deployment_id} is being built, and could select these rows. Mark them when it is built."
        )


class NotExamples(rows.NotDecidable):
    def __init__(self):
        super().__init__("Only examples with an answer that a person wrote can be golden.")


def count(curated_set: CuratedSet, where: bulk.Where, *, by: User) -> int:
    """How many rows would be marked. Raises as `mark` does of the permission, the set and the part."""
    rows.check_permission(by)
    rows.check_undecided(curated_set)
    return rows_of(curated_set, where).count()


def mark(set_id: int, where: bulk.Where, *, name: str, expected: int, by: User) -> GoldenSet:
    """Copy the rows that a filter finds, and whose answer a person wrote, into the golden set of this name.

    They, and rows of all undecided sets of the deployment with a prompt like theirs, are dropped. expected: how many
    rows the caller has seen. Raises PermissionDenied, NotDecidable, NotExamples, BeingBuilt, RowsChanged and
    TooManyRows.
    """
    rows.check_permission(by)
    with transaction.atomic():
        deployment_id = CuratedSet.objects.values_list("deployment_id", flat=True).get(pk=set_id)
        # Sets are requested under this lock, so a build that does not know these rows cannot begin.
        Deployment.objects.select_for_update(no_key=True).get(pk=deployment_id)
        sets = CuratedSet.objects.of_deployment(deployment_id)
        if sets.building().exists():
            raise BeingBuilt(deployment_id)
        undecided = list(sets.reviewable().select_for_update().order_by("pk"))
        curated_set = CuratedSet.objects.get(pk=set_id)
        rows.check_undecided(curated_set)
        found = bulk.checked(rows_of(curated_set, where), expected)
        golden_set, _ = GoldenSet.objects.get_or_create(
            deployment_id=deployment_id, name=name, defaults={"created_by": by}
        )
        examples = CuratedExample.objects.filter(pk__in=found).order_by("pk")
        copies = [_copy(golden_set, example, by) for example in examples.iterator(chunk_size=_BATCH)]
        GoldenRow.objects.bulk_create(copies, ignore_conflicts=True, batch_size=_BATCH)
        _drop(curated_set, SetPart.EXAMPLES, found, by)
        for one in undecided:
            keep_out(one, by=by)
    return golden_set


def keep_out(curated_set: CuratedSet, *, by: User) -> int:
    """Drop the rows of a set, which is locked and undecided, with a prompt of a golden row; return how many."""
    known = Decontaminator(golden_texts(curated_set.deployment_id))
    if not len(known):
        return 0
    examples = CuratedExample.objects.filter(curated_set=curated_set).exclude(decision=Decision.DROP)
    pairs = CuratedPair.objects.filter(curated_set=curated_set).released()
    dropped = 0
    for part, there in ((SetPart.EXAMPLES, examples), (SetPart.PAIRS, pairs)):
        found = list(_with_hits(known, there))
        if found:
            _drop(curated_set, part, found, by)
        dropped += len(found)
    return dropped


def use(golden_set: GoldenSet, name: str, *, by: User) -> tuple[GoldenUse, bool]:
    """Count an evaluation with all rows of a golden set, once under its name; return it, and whether it is new.

    Raises PermissionDenied without the permission to decide on rows.
    """
    rows.check_permission(by)
    with transaction.atomic():
        GoldenSet.objects.select_for_update().get(pk=golden_set.pk)
        made, is_new = GoldenUse.objects.get_or_create(
            golden_set=golden_set, name=name, defaults={"rows": golden_set.rows.count(), "by": by}
        )
        if is_new:
            golden_set.rows.update(uses=F("uses") + 1)
    return made, is_new


def delete(golden_set_id: int, *, by: User) -> bool:
    """Delete a golden set, so that its prompts may be trained on again; return whether there was one.

    Raises PermissionDenied without the permission.
    """
    if not by.has_perm(DELETE_PERMISSION):
        raise PermissionDenied("Deleting needs the permission “Can delete golden set”.")
    with transaction.atomic():
        return bool(GoldenSet.objects.filter(pk=golden_set_id).delete()[0])


def erase(hashes: Sequence[str]) -> None:
    """Delete the golden rows of these users, and what says which events have their prompts."""
    with transaction.atomic():
        theirs = GoldenRow.objects.of_people(hashes).select_related("golden_set").only("golden_set__name")
        for row in theirs:
            name = row.golden_set.evaluation_name
            ContaminatedEvent.objects.filter(evaluation_set=name, row=row.pk).delete()
        GoldenRow.objects.of_people(hashes).delete()


def rows_of(curated_set: CuratedSet, where: bulk.Where) -> QuerySet[CuratedExample]:
    """The rows that would be marked. Raises NotExamples."""
    if where.part != SetPart.EXAMPLES:
        raise NotExamples
    return where.rows_of(curated_set).with_reference()


def _copy(golden_set: GoldenSet, example: CuratedExample, by: User) -> GoldenRow:
    is_reviewed = bool(example.reviewed_response)
    return GoldenRow(
        golden_set=golden_set,
        event_id=example.event_id,
        user_hash=example.user_hash,
        editor_hash="" if is_reviewed else example.editor_hash,
        prompt=example.prompt,
        messages=example.messages,
        tools=example.tools,
        reference=example.reviewed_response or example.edited_response,
        author=GoldenAuthor.REVIEWER if is_reviewed else GoldenAuthor.USER,
        model_version_id=example.model_version_id,
        marked_by=by,
    )


def _drop(curated_set: CuratedSet, part: SetPart, found: Sequence[int], by: User) -> None:
    made = {"curated_set": curated_set, "decision": Decision.DROP, "reason": REASON, "by": by}
    bulk.apply(part, found, made, reason_says=None)
    rows.count_again(curated_set)


def _with_hits(known: Decontaminator, there: QuerySet) -> Iterator[int]:
    """The ids of rows with a prompt of a golden row."""
    prompts = there.order_by("pk").values_list("pk", "prompt").iterator(chunk_size=_BATCH)
    while some := list(islice(prompts, _BATCH)):
        hits = known.hits([prompt for _, prompt in some])
        yield from (pk for (pk, _), hit in zip(some, hits, strict=True) if hit)
