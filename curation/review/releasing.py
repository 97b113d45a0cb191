"""What an approval of a set releases, what stays, and what the policy of its deployment still asks for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.choices import ApprovalRule, Decision, PairSource, Strategy
from curation.models import ApprovalPolicy, CuratedExample, CuratedPair, CuratedSet
from curation.querysets import ACCEPTING
from curation.review.acceptance import Sample, missing_of_rows, missing_of_sample

# Decisions that say that a row was bad as it was.
_BAD = (Decision.DROP, Decision.EDIT)


@dataclass(frozen=True)
class SampledRow:
    """A row of the sample. kind: "example" or "pair"."""

    kind: str
    id: int
    decision: str


@dataclass(frozen=True)
class Release:
    """What an approval releases. queue, dropped: rows that stay; undecided: rows that leave without a decision."""

    policy: ApprovalPolicy
    examples: dict[str, int]
    pairs: dict[str, int]
    queue: dict[str, int]
    dropped: int
    undecided: dict[str, int]
    below: int
    sample: Sample | None
    rows: list[SampledRow]

    @property
    def missing(self) -> str:
        """What the policy still asks for, as a sentence; empty if nothing."""
        policy = self.policy
        if policy.rule == ApprovalRule.ROWS:
            return missing_of_rows(self.undecided, which="")
        if policy.rule == ApprovalRule.BELOW:
            bound = f" with p_good below {policy.min_p_good:g} or without one"
            return missing_of_rows({"examples": self.below}, which=bound)
        if self.sample is None or not any(self.undecided.values()):
            return ""
        return missing_of_sample(self.sample, max_bad_share=policy.max_bad_share)

    @property
    def evidence(self) -> dict[str, Any]:
        """The policy with what it found, to be stored with the set."""
        policy = self.policy
        found: dict[str, Any] = {"rule": policy.rule}
        if policy.rule == ApprovalRule.BELOW:
            found["min_p_good"] = policy.min_p_good
        if self.sample is not None:
            found |= {
                "sample_size": policy.sample_size,
                "max_bad_share": policy.max_bad_share,
                "population": self.sample.population,
                "read": self.sample.read,
                "bad": self.sample.bad,
                "interval": self.sample.interval,
                "rows": [row.id for row in self.rows],
            }
        return found


def policy_of(deployment_id: str) -> ApprovalPolicy:
    """The policy of a deployment, not stored if nothing was chosen."""
    found = ApprovalPolicy.objects.filter(pk=deployment_id).first()
    return found or ApprovalPolicy(deployment_id=deployment_id)


def of(curated_set: CuratedSet) -> Release:
    """What an approval would release now."""
    policy = policy_of(curated_set.deployment_id)
    examples = CuratedExample.objects.filter(curated_set=curated_set).tallied(policy.min_p_good)
    pairs = CuratedPair.objects.filter(curated_set=curated_set).tallied()
    leaving = [one for one in examples if _leaves(one["decision"], is_queued=one["is_queued"])]
    queue = [one for one in examples if one["is_queued"] and not one["decision"]]
    dropped = sum(one["rows"] for one in (*examples, *pairs) if one["decision"] == Decision.DROP)
    sample, rows = None, []
    if policy.rule == ApprovalRule.SAMPLE:
        chosen = [*(one for one in examples if not one["is_queued"]), *(one for one in pairs if one["is_by_build"])]
        rows = _draw(curated_set, policy.sample_size)
        sample = _as_sample(sum(one["rows"] for one in chosen), rows)
    undecided = [one for one in leaving if not one["decision"]]
    return Release(
        policy=policy,
        examples=_sums(leaving, "strategy", Strategy.values),
        pairs=_sums([one for one in pairs if one["decision"] != Decision.DROP], "pair_source", PairSource.values),
        queue=_sums(queue, "strategy", Strategy.values),
        dropped=dropped,
        undecided={
            "examples": sum(one["rows"] for one in undecided),
            "pairs": sum(one["rows"] for one in pairs if one["is_by_build"] and not one["decision"]),
        },
        below=sum(one["below"] for one in undecided),
        sample=sample,
        rows=rows,
    )


def _leaves(decision: str, *, is_queued: bool) -> bool:
    return decision in ACCEPTING or not decision and not is_queued


def _sums(tallies: Sequence[Mapping[str, Any]], key: str, names: Sequence[str]) -> dict[str, int]:
    """Rows by this key, in the order of its names."""
    sums = Counter[str]()
    for one in tallies:
        sums[one[key]] += one["rows"]
    return {str(name): sums[name] for name in names if sums[name]}


def _draw(curated_set: CuratedSet, size: int) -> list[SampledRow]:
    """The first rows in an order that the seed of the set decides, of those that the build chose.

    Decisions do not change the order, so the sample stays the same. A row that an erasure removes makes room for the
    next.
    """
    found: list[tuple[str, SampledRow]] = []
    for kind, rows in (("example", CuratedExample.objects), ("pair", CuratedPair.objects)):
        ordered = rows.filter(curated_set=curated_set).chosen_by_build().in_random_order(curated_set)
        drawn = ordered.values_list("drawn", "pk", "decision")[:size]
        found += [(place, SampledRow(kind, pk, decision)) for place, pk, decision in drawn]
    return [row for _, row in sorted(found, key=lambda one: one[0])[:size]]


def _as_sample(population: int, rows: Sequence[SampledRow]) -> Sample:
    return Sample(
        population=population,
        size=len(rows),
        read=sum(bool(row.decision) for row in rows),
        bad=sum(row.decision in _BAD for row in rows),
    )
