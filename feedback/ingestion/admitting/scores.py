"""What holds for the application's own scores, by themselves or with their event: names, ranges and versions."""

from collections.abc import Iterable, Sequence

from feedback.deployments import score_names
from feedback.deployments.score_names import Range
from feedback.field_errors import FieldError
from feedback.ingestion.items import InvalidItem
from feedback.ingestion.score_items import MAX_VERSION_CHARACTERS, GivenScore, ScoreItem
from feedback.stores.schema import Row

Score = GivenScore | ScoreItem
# The path of a score by itself.
ALONE = ("",)


def ranges_of(deployment_id: str, scores: Sequence[Score], paths: Iterable[str] = ALONE) -> tuple[Range, ...]:
    """The range of each score. Raises InvalidItem for values outside."""
    ranges = tuple(score_names.range_of(deployment_id, score.name) for score in scores)
    errors = [
        FieldError(f"{path}value", "out_of_range", f"{path}value must be from {found}, the range of this score")
        for score, found, path in zip(scores, ranges, paths, strict=True)
        if score.value not in found
    ]
    if errors:
        raise InvalidItem(errors)
    return ranges


def check_masked(deployment_id: str, rows: Sequence[Row], scores: Sequence[Score], paths: Iterable[str]) -> None:
    """Raise InvalidItem for a name that holds personal data or is one too many, and for a version that has become too
    long. rows: the scores as they are masked.
    """
    for row, score, path in zip(rows, scores, paths, strict=True):
        if row["name"] != score.name:
            message = f"{path}name looks like personal data"
            raise InvalidItem([FieldError(f"{path}name", "personal_data", message)])
        if len(row["version"]) > MAX_VERSION_CHARACTERS:
            message = f"{path}version has more than {MAX_VERSION_CHARACTERS} characters once it is masked"
            raise InvalidItem([FieldError(f"{path}version", "too_long", message)])
        if not score_names.is_admitted(deployment_id, score.name):
            message = f"A deployment has at most {score_names.MOST_NAMES} names of scores, and all are used"
            raise InvalidItem([FieldError(f"{path}name", "too_many", message)])


def ranged(rows: Sequence[Row], ranges: Sequence[Range]) -> list[Row]:
    """The scores with their ranges."""
    return [row | {"minimum": found.minimum, "maximum": found.maximum} for row, found in zip(rows, ranges, strict=True)]
