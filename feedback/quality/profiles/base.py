"""What every profile is: checks, how much each weighs in the total, and what caps the total."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from feedback.quality.checks.base import Check
from feedback.quality.results import Assessment, Cap, CheckResult


@dataclass(frozen=True)
class CapRule:
    """What a check may find that caps the total. applies: whether the details of its result say so."""

    check: str
    cap: Cap
    applies: Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True)
class Profile:
    """A way of scoring.

    weights: by the name of a check; a check without a weight is shown and does not count.
    version: changes whenever the total of any response does. Rollups keep totals of different versions apart.
    """

    name: str
    version: str
    checks: tuple[Check, ...]
    weights: Mapping[str, float]
    caps: tuple[CapRule, ...] = ()

    def assessment(self, results: tuple[CheckResult, ...]) -> Assessment:
        """Total the results of its checks, in their order.

        Parameters
        ----------
        results : tuple of CheckResult
            One of each check.

        Returns
        -------
        Assessment
            Its score is the weighted mean of the scores, each counted with at most the lowest cap. So it never
            exceeds the cap, and checks that are worse still lower it.

        Examples
        --------
        >>> from feedback.quality.checks import LENGTH, REFUSAL
        >>> length = CheckResult("length", 1.0, True, {}, "1")
        >>> refusal = CheckResult("refusal", 0.0, False, {"refusal": "full"}, "1")
        >>> rule = CapRule("refusal", Cap("full_refusal", at=0.5), lambda details: details["refusal"] == "full")
        >>> strict = Profile("strict", "1", (LENGTH, REFUSAL), {"length": 1, "refusal": 1}, (rule,))
        >>> strict.assessment((length, refusal)).score
        0.25
        """
        lowest = 1.0
        for place, rule in self._rules:
            result = results[place]
            if rule.applies(result.details):
                results = (*results[:place], replace(result, cap=rule.cap), *results[place + 1 :])
                lowest = min(lowest, rule.cap.at)
        weights, whole = self._weighing
        counted = sum(
            weight * (result.score if result.score < lowest else lowest)
            for weight, result in zip(weights, results, strict=True)
        )
        return Assessment(self.name, self.version, counted / whole, results)

    @cached_property
    def _rules(self) -> tuple[tuple[int, CapRule], ...]:
        places = {check.name: place for place, check in enumerate(self.checks)}
        return tuple((places[rule.check], rule) for rule in self.caps)

    @cached_property
    def _weighing(self) -> tuple[tuple[float, ...], float]:
        weights = tuple(float(self.weights.get(check.name, 0)) for check in self.checks)
        return weights, sum(weights)
