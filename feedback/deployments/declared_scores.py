"""What a deployment says of its scores: the range of each name, and whether such a score counts as gold."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from feedback.deployments import score_names
from feedback.deployments.rules import InvalidConfiguration, repeated
from feedback.deployments.score_names import MOST_NAMES
from feedback.field_errors import FieldError
from feedback.models import DeclaredScore, Deployment
from feedback.tasks import apply_gold


@dataclass(frozen=True)
class Declaration:
    """The range of a name, and whether such a score is the truth about an answer, as evidence has it."""

    name: str
    minimum: float = 0.0
    maximum: float = 1.0
    is_gold: bool = False


@dataclass(frozen=True)
class DeclarationChanges:
    """Declarations to add or replace by name, and names to remove; None removes all others."""

    put: Sequence[Declaration] = ()
    drop: Iterable[str] | None = ()


def problems(declarations: Sequence[Declaration]) -> Iterator[FieldError]:
    """The errors of these declarations, by their paths in a change."""
    for place, declaration in enumerate(declarations):
        for field, message in problems_of(declaration):
            yield FieldError(f"scores.{place}.{field}", "invalid", message)
    for place in repeated([declaration.name for declaration in declarations]):
        yield FieldError(f"scores.{place}.name", "duplicate", "Another score has this name")


def problems_of(declaration: Declaration) -> Iterator[tuple[str, str]]:
    """The errors of one declaration, each with its field."""
    if not score_names.is_name(declaration.name):
        yield "name", "A name has 1 to 64 characters of a-z 0-9 _ . : -"
    ends = declaration.minimum, declaration.maximum
    if not all(map(isfinite, (*ends, ends[1] - ends[0]))) or not ends[0] < ends[1]:
        yield "maximum", "minimum and maximum are numbers, the lower one first"


def write(deployment: Deployment, changes: DeclarationChanges) -> list[str]:
    """Apply the changes to the current declarations; return a description of each. Call it in a transaction that holds
    `feedback.stores.locks.lock_scores`, so that no writer still goes by what counted as gold before.
    """
    score_names.lock()
    rows = {row.name: row for row in deployment.declared_scores.all()}
    put = {declaration.name: declaration for declaration in changes.put}
    dropped = rows.keys() - put if changes.drop is None else (rows.keys() & set(changes.drop)) - put.keys()
    said = [f"score {name} removed" for name in sorted(dropped) if _drop(rows[name])]
    names = {row.name for row in deployment.declared_scores.all()} | put.keys()
    if len(names) > MOST_NAMES:
        message = f"A deployment has at most {MOST_NAMES} names of scores"
        raise InvalidConfiguration([FieldError("scores", "too_many", message)])
    for name, declaration in put.items():
        row = rows.get(name)
        if row is None:
            said.append(f"score {name} added")
            _save(DeclaredScore(deployment=deployment, name=name), declaration)
        elif _declaration(row) != declaration:
            said.append(f"score {name} changed")
            _save(row, declaration)
    return said


def _drop(row: DeclaredScore) -> bool:
    """Forget a name; one whose scores are gold stays, with the defaults, until its events are queued."""
    if _declaration(row) == Declaration(row.name) and not row.is_applied:
        return False
    if row.is_gold or not row.is_applied:
        _save(row, Declaration(row.name))
    else:
        row.delete()
    return True


def _save(row: DeclaredScore, declaration: Declaration) -> None:
    is_other = row.is_gold != declaration.is_gold
    row.minimum, row.maximum, row.is_gold = declaration.minimum, declaration.maximum, declaration.is_gold
    row.is_applied = row.is_applied and not is_other
    row.save()
    if is_other:
        apply_gold.delay_on_commit(row.pk)


def _declaration(row: DeclaredScore) -> Declaration:
    return Declaration(row.name, row.minimum, row.maximum, row.is_gold)
