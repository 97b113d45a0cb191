"""What every profile is: checks, how much each weighs in the total, and what caps the total."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from feedback.quality.checks.base import AnswerCheck, Check, Context
from feedback.quality.checks.guarded import Guarded
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
    reads_raw_text: whether every check reads the text as it was sent, with reasoning, also beside tool calls.
    bounds: of an ordinary response, where they are not those of the installation.
    """

    name: str
    version: str
    checks: tuple[Check | AnswerCheck | Guarded, ...]
    weights: Mapping[str, float]
    caps: tuple[CapRule, ...] = ()
    reads_raw_text: bool = False
    bounds: Context | None = None

    def assessment(self, results: Sequence[CheckResult | None]) -> Assessment:
        """Total the results of its checks, in their order.

        Parameters
        ----------
        results : sequence of CheckResult or None
            One of each check, None for one that does not apply.

        Returns
        -------
        Assessment
            Its score is the weighted mean of the scores of the checks that apply, each counted with at most the lowest
            cap. So it never exceeds the cap, and checks that are worse still lower it. If no check with a weight
            applies, nothing is wrong but what caps say.

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
        lowest, found = 1.0, list(results)
        for place, rule in self._rules:
            result = found[place]
            if result is not None and rule.applies(result.details):
                found[place] = replace(result, cap=rule.cap)
                lowest = min(lowest, rule.cap.at)
        counted = whole = 0.0
        for weight, result in zip(self._weights, found, strict=True):
            if result is not None:
                counted += weight * (result.score if result.score < lowest else lowest)
                whole += weight
        score = counted / whole if whole else lowest
        return Assessment(self.name, self.version, score, tuple(result for result in found if result is not None))

    @cached_property
    def has_own_checks(self) -> bool:
        """Whether some check is the installation's own, which may fail."""
        return any(isinstance(check, Guarded) for check in self.checks)

    @cached_property
    def _rules(self) -> tuple[tuple[int, CapRule], ...]:
        places = {check.name: place for place, check in enumerate(self.checks)}
        return tuple((places[rule.check], rule) for rule in self.caps)

    @cached_property
    def _weights(self) -> tuple[float, ...]:
        return tuple(float(self.weights.get(check.name, 0)) for check in self.checks)
