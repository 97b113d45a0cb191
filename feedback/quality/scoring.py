from collections.abc import Sequence

from feedback.quality import crucible_profile, default_profile
from feedback.quality.results import Assessment, CheckResult
from feedback.quality.screening import screen

_PROFILES = {"default": default_profile.checks, "crucible": crucible_profile.checks}
PROFILES = tuple(_PROFILES)
# The expressions of a screening are compiled at each call, in the time of some hundred searches.
MANY = 300


def assess(
    prompt: str, response: str, *, profile: str = "default", min_length: int = 20, max_length: int = 4000
) -> Assessment:
    """Score a response by its form, length, refusal and repetition.

    prompt: what was asked; the four checks do not read it, later ones may.
    min_length, max_length: bounds of an ordinary response in grapheme clusters, both inclusive.
    Returns scores from 0 to 1; raises KeyError for an unknown profile and nothing else.
    """
    return _assessment(profile, _PROFILES[profile](response, min_length, max_length))


def assess_many(responses: Sequence[str], *, min_length: int = 20, max_length: int = 4000) -> list[Assessment]:
    """Score responses by the default profile, as `assess` does one of them."""
    screened = screen(responses) if len(responses) >= MANY else [None] * len(responses)
    return [
        _assessment("default", default_profile.checks(response, min_length, max_length, found))
        for response, found in zip(responses, screened, strict=True)
    ]


def _assessment(profile: str, checks: tuple[CheckResult, ...]) -> Assessment:
    return Assessment(profile, sum(check.score for check in checks) / len(checks), checks)
