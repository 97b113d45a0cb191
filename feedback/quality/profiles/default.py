"""All checks, with caps for responses that are of no use however tidy they are.

Each cap lies below the quality trigger at 0.7 and makes a response a hard example: 0 for an empty one, 0.2 for a full
refusal, 0.5 for an endless loop.
"""

from feedback.quality.checks import CHECKS
from feedback.quality.checks.repetition import LOOP
from feedback.quality.profiles.base import CapRule, Profile
from feedback.quality.results import Cap

PROFILE = Profile(
    "default",
    version="default-3",
    checks=CHECKS,
    weights={"format": 1, "length": 1, "refusal": 1, "repetition": 1},
    caps=(
        CapRule("format", Cap("empty_response", at=0.0), lambda details: details["format"] == "empty"),
        CapRule("refusal", Cap("full_refusal", at=0.2), lambda details: details["refusal"] == "full"),
        CapRule("repetition", Cap("loop", at=0.5), lambda details: details["repetition_ratio"] >= LOOP),
    ),
)
