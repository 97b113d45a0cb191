"""Reopens a decided set: a draft with copies of its rows and of the decisions on them. The decided set stays."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction

from curation.choices import CuratedSetStatus
from curation.models import (
    Comparison,
    ContaminatedEvent,
    CuratedExample,
    CuratedPair,
    CuratedSet,
    DuplicateLink,
    RowDecision,
    TracedEvents,
)
from curation.querysets import DECIDED
from curation.review import golden
from curation.sets import content, versions
from curation.sets.numbering import Step
from feedback.models import Deployment

PERMISSION = "curation.add_curatedset"
# What a copy has of its own, or takes over from no other set.
_OWN = (
    *("id", "version", "status", "parent", "salt", "sealed_hash", "created_by", "created_at"),
    *("submitted_by", "decided_by", "decided_at", "cancelled_by", "approved_under"),
)
_ROWS = "INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE curated_set_id = %(source)s{where}"
_PLACE = {"position": "row_number() OVER (ORDER BY position) - 1", "row_hash": "''"}
_DECISIONS = """
INSERT INTO curation_rowdecision (curated_set_id, example_id, pair_id, {names})
SELECT %(copy)s, new_example.id, new_pair.id, {values} FROM curation_rowdecision AS made
LEFT JOIN curation_curatedexample AS example ON example.id = made.example_id
LEFT JOIN curation_curatedexample AS new_example
    ON new_example.curated_set_id = %(copy)s AND new_example.event_id = example.event_id
LEFT JOIN curation_curatedpair AS pair ON pair.id = made.pair_id
LEFT JOIN curation_curatedpair AS new_pair
    ON new_pair.curated_set_id = %(copy)s AND new_pair.chosen_event_id = pair.chosen_event_id
    AND new_pair.rejected_event_id = pair.rejected_event_id AND new_pair.pair_source = pair.pair_source
    AND (new_pair.comparison_id IS NULL) = (pair.comparison_id IS NULL)
WHERE made.curated_set_id = %(source)s AND (new_example.id IS NOT NULL OR new_pair.id IS NOT NULL)
ORDER BY made.id
"""
_COMPARISONS = """
INSERT INTO curation_comparison (curated_set_id, example_id, {names})
SELECT %(copy)s, new_example.id, {values} FROM curation_comparison AS made
JOIN curation_curatedexample AS example ON example.id = made.example_id
JOIN curation_curatedexample AS new_example
    ON new_example.curated_set_id = %(copy)s AND new_example.event_id = example.event_id
WHERE made.curated_set_id = %(source)s
"""
_COMPARISON = """(
    SELECT new.id FROM curation_comparison AS made
    JOIN curation_curatedexample AS example ON example.id = made.example_id
    JOIN curation_curatedexample AS new_example
        ON new_example.curated_set_id = %(copy)s AND new_example.event_id = example.event_id
    JOIN curation_comparison AS new
        ON new.example_id = new_example.id AND new.other_event_id IS NOT DISTINCT FROM made.other_event_id
    WHERE made.id = curation_curatedpair.comparison_id
)"""
# The decision is a score of its event already, or will be one by the row that was copied.
_RECORDED = "CASE WHEN made.score IS NULL THEN NULL ELSE coalesce(made.recorded_at, now()) END"


class NotDecided(Exception):
    """The set still is a draft, in review or being built, so there is no decision to go back on."""

    def __init__(self, curated_set: CuratedSet):
        status = curated_set.get_status_display().lower()
        super().__init__(f"{curated_set} is {status}; only an approved, rejected or superseded set can be reopened.")


def reopen(set_id: int, *, by: User) -> CuratedSet:
    """Return a new draft with the rows and row decisions of a decided set, without rows that were erased.

    Rows with the prompt of a golden row are dropped in the draft.

    Raises PermissionDenied without the permission, and NotDecided.
    """
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("Reopening needs the permission “Can add curated set”.")
    with transaction.atomic():
        deployment_id = CuratedSet.objects.values_list("deployment_id", flat=True).get(pk=set_id)
        Deployment.objects.select_for_update(no_key=True).get(pk=deployment_id)
        # An erasure locks the set before it blanks rows: it finds the copy afterwards, or the copy finds blanked rows.
        source = CuratedSet.objects.select_for_update().get(pk=set_id)
        if source.status not in DECIDED:
            raise NotDecided(source)
        copy = _copy_of(source, by)
        ids = {"source": source.pk, "copy": copy.pk}
        _copy(CuratedExample, ids, _PLACE, where=" AND erased_at IS NULL")
        _copy_comparisons(ids)
        _copy(CuratedPair, ids, {**_PLACE, "comparison_id": _COMPARISON}, where=" AND erased_at IS NULL")
        for records in (DuplicateLink, ContaminatedEvent, TracedEvents):
            _copy(records, ids, {})
        _copy_decisions(ids)
        golden.keep_out(copy, by=by)
        facts = content.counted(copy) | content.hashed(copy)
        CuratedSet.objects.filter(pk=copy.pk).update(**facts)
        return CuratedSet.objects.get(pk=copy.pk)


def _copy_of(source: CuratedSet, by: User) -> CuratedSet:
    taken = {field.attname: getattr(source, field.attname) for field in _fields(CuratedSet, without=_OWN)}
    copy = CuratedSet(**taken, status=CuratedSetStatus.DRAFT, created_by=by)
    copy.version = CuratedSet.objects.of(source.deployment_id, source.name).latest_version() + 1
    versions.number(copy, source, Step.COPY)
    copy.save(force_insert=True)
    return copy


def _copy(records: type[models.Model], ids: dict[str, int], values: dict[str, str], *, where: str = "") -> None:
    columns = {field.column: field.column for field in _fields(records, without=["id"])}
    columns |= {"curated_set_id": "%(copy)s", **values}
    statement = _ROWS.format(
        table=records._meta.db_table, names=", ".join(columns), values=", ".join(columns.values()), where=where
    )
    _run(statement, ids)


def _copy_decisions(ids: dict[str, int]) -> None:
    names = [field.column for field in _fields(RowDecision, without=["id", "curated_set", "example", "pair"])]
    values = [_RECORDED if name == "recorded_at" else f"made.{name}" for name in names]
    _run(_DECISIONS.format(names=", ".join(names), values=", ".join(values)), ids)


def _copy_comparisons(ids: dict[str, int]) -> None:
    """With their verdicts; no reviewer has one of the copies open."""
    names = [field.column for field in _fields(Comparison, without=["id", "curated_set", "example"])]
    values = ["NULL" if name == "leased_until" else f"made.{name}" for name in names]
    _run(_COMPARISONS.format(names=", ".join(names), values=", ".join(values)), ids)


def _fields(model: type[models.Model], *, without: list[str] | tuple[str, ...]) -> list[models.Field]:
    return [field for field in model._meta.concrete_fields if field.name not in without]


def _run(statement: str, ids: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, ids)
