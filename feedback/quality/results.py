from dataclasses import dataclass
from typing import Any

import msgspec


class CheckResult(msgspec.Struct, frozen=True):
    """The verdict of one check: score from 0 (worst) to 1, whether it passed, and the facts behind it."""

    name: str
    score: float
    passed: bool
    details: dict[str, Any]
    version: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """All checks of one response; score is their arithmetic mean, from 0 to 1."""

    profile: str
    score: float
    checks: tuple[CheckResult, ...]
