"""How many reviewers the rows of a set get, and what they are asked."""

from django.contrib.auth.models import User
from django.db import transaction

from curation.models import CuratedExample, CuratedPair, CuratedSet, RowReview
from curation.review import rows, verdicts
from feedback.rubrics import versions


def configure(
    set_id: int,
    *,
    by: User,
    reviews_per_row: int | None = None,
    overlap_share: float | None = None,
    rubric: str | None = None,
    rubric_required: bool | None = None,
) -> CuratedSet:
    """Change what is given. Rows whose verdicts are all in by the new numbers, and agree, are decided.

    rubric: the label of the one that reviewers are asked, '' for none.

    Raises UnknownRubric, PermissionDenied, and NotDecidable for a set that is decided or being built.
    """
    verdicts.check_may_adjudicate(by)
    wanted = {"reviews_per_row": reviews_per_row, "overlap_share": overlap_share, "rubric_required": rubric_required}
    asked = versions.find(rubric) if rubric else None
    with transaction.atomic():
        curated_set = CuratedSet.objects.select_for_update().get(pk=set_id)
        rows.check_undecided(curated_set)
        for name, value in wanted.items():
            if value is not None:
                setattr(curated_set, name, value)
        if rubric is not None:
            curated_set.rubric_version = asked
        curated_set.save(update_fields=[*wanted, "rubric_version"])
        waiting = RowReview.objects.of_set(set_id).submitted()
        for kind in (CuratedExample, CuratedPair):
            ids = waiting.exclude(**{kind.KIND: None}).values(kind.KIND)
            for row in kind.objects.filter(pk__in=ids).undecided().select_for_update().order_by("pk"):
                verdicts.resolve(curated_set, row, by=by)
                curated_set.refresh_from_db()
    return curated_set
