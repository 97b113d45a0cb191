"""What every product is: a rule that makes records for a trainer from an approved example."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from exports.choices import LeftOut, Profile

Record = Mapping[str, Any]


class Example(Protocol):
    """The columns of a curated example that products read."""

    strategy: str
    prompt: str
    messages: list[dict[str, Any]] | None
    response: str
    edited_response: str
    score: float
    event_id: UUID


@dataclass(frozen=True)
class Product:
    """A kind of training data.

    suffix: what distinguishes its files from those of other products in the same format; may be empty.
    records: one example in one profile as JSON-like records, at least one, or why the example has none. The same
    example gives the same records.
    """

    name: str
    suffix: str
    records: Callable[[Example, Profile], Sequence[Record] | LeftOut]
