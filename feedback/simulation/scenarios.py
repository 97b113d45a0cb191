"""What a run simulates: which traffic, which versions, and what drifts."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from feedback.simulation.answers import AnswerKind
from feedback.simulation.recorded import Recorded

ORDINARY_FAULTS = {
    AnswerKind.TERSE: 0.05,
    AnswerKind.VAGUE: 0.025,
    AnswerKind.OFF_TOPIC: 0.02,
    AnswerKind.HALF_REFUSAL: 0.015,
    AnswerKind.REFUSAL: 0.012,
    AnswerKind.CUT_OFF: 0.012,
    AnswerKind.LOOP: 0.004,
    AnswerKind.EMPTY: 0.003,
}
ORDINARY_LONG_SHARE = 0.08


class Drift(StrEnum):
    LENGTH = "length"
    REFUSALS = "refusals"
    TOPIC = "topic"
    QUALITY = "quality"


# What each drift adds, at full strength, to the shares above.
MORE_FAULTS = {
    Drift.REFUSALS: {AnswerKind.REFUSAL: 0.16, AnswerKind.HALF_REFUSAL: 0.05},
    Drift.QUALITY: {
        AnswerKind.VAGUE: 0.12,
        AnswerKind.OFF_TOPIC: 0.08,
        AnswerKind.CUT_OFF: 0.08,
        AnswerKind.LOOP: 0.03,
        AnswerKind.EMPTY: 0.03,
    },
}
MORE_LONG = 0.8
SEASONAL = 0.5


@dataclass(frozen=True)
class Mix:
    """Shares of answer kinds, of long answers and of questions about seasonal topics."""

    kinds: Mapping[AnswerKind, float]
    long_share: float
    seasonal_share: float


def mix(drifts: Mapping[Drift, float]) -> Mix:
    """What is said under drifts of these strengths, 0 to 1; good answers take the share that faults leave."""
    faults = dict(ORDINARY_FAULTS)
    for drift, more in MORE_FAULTS.items():
        for kind, share in more.items():
            faults[kind] += drifts.get(drift, 0) * share
    return Mix(
        kinds={AnswerKind.GOOD: 1 - sum(faults.values())} | faults,
        long_share=ORDINARY_LONG_SHARE + drifts.get(Drift.LENGTH, 0) * MORE_LONG,
        seasonal_share=drifts.get(Drift.TOPIC, 0) * SEASONAL,
    )


@dataclass(frozen=True)
class Version:
    """A model version, in use from and until these shares of the period."""

    name: str
    prompt_version: str
    begins: float = 0.0
    ends: float = 1.0
    weight: float = 1.0
    ms_per_token: float = 14.0
    usd_per_million_tokens: float = 6.0


@dataclass(frozen=True)
class Scenario:
    """`drifts` are strengths from 0 to 1; `drift_share` is how much of the period drifts, counted from its end.

    With `recorded` arrivals there is one event for each of them, and `days` counts for nothing.
    """

    deployment_id: str
    catalogue: str
    events: int
    days: int
    seed: int
    versions: tuple[Version, ...]
    drifts: Mapping[Drift, float] = field(default_factory=dict)
    drift_share: float = 0.25
    recorded: tuple[Recorded, ...] = ()

    @property
    def duration_seconds(self) -> float:
        return max(self.recorded[-1].offset_seconds, 1.0) if self.recorded else self.days * 86_400.0

    @cached_property
    def identity(self) -> str:
        """Equal for runs whose events are the same; every id is made from it."""
        facts = [self.deployment_id, self.catalogue, self.events, self.days, self.seed]
        drifts = [f"{drift} {strength}" for drift, strength in sorted(self.drifts.items())]
        trace = [zlib.crc32(repr(self.recorded).encode())] if self.recorded else []
        return " ".join(map(str, [*facts, *drifts, *([self.drift_share] if drifts else []), *trace]))

    @property
    def entropy(self) -> list[int]:
        """What seeds the random generator, so that two deployments of one seed differ."""
        return [self.seed, zlib.crc32(self.identity.encode())]


def two_versions(name: str, *, switch: float) -> tuple[Version, ...]:
    """An older version and its successor, which takes a part of the traffic shortly before the switch."""
    return (
        Version(f"{name}-1.4", "prompt-7", ends=switch),
        Version(f"{name}-1.5", "prompt-8", begins=switch - 0.06, weight=0.25, ms_per_token=11.0),
    )


DEMO = (
    Scenario(
        "support-assistant",
        "support",
        events=2_400,
        days=30,
        seed=1,
        versions=two_versions("support", switch=0.6),
        drifts={Drift.LENGTH: 1.0, Drift.REFUSALS: 0.6, Drift.QUALITY: 0.35},
        drift_share=7 / 30,
    ),
    Scenario("sql-helper", "sql", events=2_000, days=30, seed=1, versions=two_versions("sql", switch=0.5)),
)
