"""All checks, with caps for responses that are of no use however tidy they are.

Each cap lies below the quality trigger at 0.7 and makes a response a hard example: 0 for an empty one and for what is
no answer, 0.2 for a full refusal, 0.5 for an endless loop, an invalid tool call, a broken structure, or an answer that
was cut off.
"""

from feedback.quality.checks import CHECKS
from feedback.quality.checks.repetition import LOOP
from feedback.quality.profiles.base import CapRule, Profile
from feedback.quality.results import Cap

PROFILE = Profile(
    "default",
    version="default-5",
    checks=CHECKS,
    weights={
        "format": 1,
        "length": 1,
        "refusal": 1,
        "repetition": 1,
        "tool_calls": 1,
        "structured_output": 1,
        # These two only cap: an answer without their faults keeps the total of the other checks.
        "truncation": 0,
        "no_answer": 0,
    },
    caps=(
        CapRule("format", Cap("empty_response", at=0.0), lambda details: details["format"] == "empty"),
        CapRule("refusal", Cap("full_refusal", at=0.2), lambda details: details["refusal"] == "full"),
        CapRule("repetition", Cap("loop", at=0.5), lambda details: details["repetition_ratio"] >= LOOP),
        CapRule("tool_calls", Cap("invalid_tool_call", at=0.5), lambda details: bool(details["problems"])),
        CapRule("structured_output", Cap("broken_structure", at=0.5), lambda details: not details["valid"]),
        # JSON and code blocks that stay open lower the score of format already.
        CapRule(
            "truncation", Cap("truncated", at=0.5), lambda details: bool({"finish_reason", "tag"} & {*details["signs"]})
        ),
        CapRule("no_answer", Cap("no_answer", at=0.0), lambda details: bool(details["kind"])),
    ),
)
