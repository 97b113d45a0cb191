"""What the page of one comparison shows, as texts."""

from dataclasses import dataclass

from drift.models import ArmComparison


@dataclass(frozen=True)
class ArmRow:
    name: str
    asked: str
    events: str
    users: str


@dataclass(frozen=True)
class PairRow:
    """One pair of arms by one outcome."""

    names: str
    finding: str
    tone: str
    difference: str
    effect: str
    p_value: str
    power: str
    sentence: str
    test: str
    reason: str
    notes: list[str]
    look: str
    look_interval: str
    more: list[tuple[str, str]]


@dataclass(frozen=True)
class SegmentRow:
    name: str
    events: str
    means: str
    difference: str
    p_value: str
    finding: str
    tone: str


@dataclass(frozen=True)
class SegmentTable:
    names: str
    key: str
    rows: list[SegmentRow]
    too_small: int


@dataclass(frozen=True)
class Answer:
    event_id: str
    value: str
    text: str


@dataclass(frozen=True)
class ExampleRow:
    prompt: str
    difference: str
    answers: list[Answer]


@dataclass(frozen=True)
class OutcomeSection:
    name: str
    title: str
    arms: list[tuple[str, str, str, str, str]]
    overall: str
    pairs: list[PairRow]
    segments: list[SegmentTable]
    examples: list[ExampleRow]


@dataclass(frozen=True)
class ComparisonPage:
    """advice: of a comparison that is or was watched, what to do by each outcome."""

    comparison: ArmComparison
    advice: list[str]
    tone: str
    headline: str
    arms: list[ArmRow]
    outcomes: list[OutcomeSection]
