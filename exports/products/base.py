"""The interface of products: training records made from an approved example."""

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
    response_message: dict[str, Any] | None
    edited_response: str
    score: float
    event_id: UUID


class Pair(Protocol):
    """The columns of a curated pair that products read."""

    prompt: str
    messages: list[dict[str, Any]] | None
    chosen: str
    chosen_message: dict[str, Any] | None
    rejected: str
    rejected_message: dict[str, Any] | None


@dataclass(frozen=True)
class Product:
    """A kind of training data.

    suffix: distinguishes its files from those of other products in the same format; may be empty.
    records: one example in one profile as JSON-like records, at least one, or the reason for exclusion. The same
    example gives the same records.
    pair_records: the same of a pair, for a product that is made of pairs; sets from before pairs have examples alone.
    """

    name: str
    suffix: str
    records: Callable[[Example, Profile], Sequence[Record] | LeftOut]
    pair_records: Callable[[Pair, Profile], Sequence[Record] | LeftOut] | None = None
