"""The interface of products: training records made from the approved rows of a set."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from exports.choices import ColumnKind, LeftOut, Profile, Reasoning, Turns

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Options:
    """What a request may choose about the records of a product.

    renames: today's names of tools by former ones, as confirmed when the request was made.
    """

    profile: Profile = Profile.DEFAULT
    reasoning: Reasoning = Reasoning.DROP
    turns: Turns = Turns.ALL
    renames: Mapping[str, str] = field(default_factory=dict)


class Example(Protocol):
    """The columns of a curated example that products read."""

    strategy: str
    decision: str
    prompt: str
    messages: list[dict[str, Any]] | None
    response: str
    response_message: dict[str, Any] | None
    edited_response: str
    tools: list[dict[str, Any]] | None
    reviewed_response: str
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
    tools: list[dict[str, Any]] | None
    pair_source: str
    margin: float


OfExample = Callable[[Example, Options], Sequence[Record] | LeftOut]
OfPair = Callable[[Pair, Options], Sequence[Record] | LeftOut]


@dataclass(frozen=True)
class Product:
    """A kind of training data.

    suffix: distinguishes its files from those of other products in the same format; may be empty.
    columns: those that its records may have, in order. profiles: those that it has.
    of_example, of_queued, of_pair: an accepted example, a row of the queue, or a pair as JSON-like records, at least
    one, or the reason for exclusion; None for rows that the product does not read. The same row gives the same records.
    of_example_before_pairs: in the place of of_example, for a set from before pairs.
    once: of records with the same key only the first is kept; None to keep all.
    label: whether a record is good or bad; records with the same key and both labels are left out. None without labels.
    """

    name: str
    suffix: str
    columns: Callable[[Options], Mapping[str, ColumnKind]]
    profiles: tuple[Profile, ...] = tuple(Profile)
    of_example: OfExample | None = None
    of_queued: OfExample | None = None
    of_pair: OfPair | None = None
    of_example_before_pairs: OfExample | None = None
    once: Callable[[Record], Hashable] | None = None
    label: Callable[[Record], bool] | None = None
