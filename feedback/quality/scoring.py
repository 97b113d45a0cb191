from feedback.quality import crucible_profile, default_profile
from feedback.quality.results import Assessment

_PROFILES = {"default": default_profile.checks, "crucible": crucible_profile.checks}
PROFILES = tuple(_PROFILES)


def assess(
    prompt: str, response: str, *, profile: str = "default", min_length: int = 20, max_length: int = 4000
) -> Assessment:
    """Score a response by its form, length, refusal and repetition.

    prompt: what was asked; the four checks do not read it, later ones may.
    min_length, max_length: bounds of an ordinary response in grapheme clusters, both inclusive.
    Returns scores from 0 to 1; raises KeyError for an unknown profile and nothing else.
    """
    checks = _PROFILES[profile](response, min_length, max_length)
    return Assessment(profile, sum(check.score for check in checks) / len(checks), checks)
