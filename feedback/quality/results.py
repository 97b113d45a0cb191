from dataclasses import dataclass
from typing import Any

import msgspec


class Cap(msgspec.Struct, frozen=True):
    """Why no check counts in the total with more than `at`."""

    name: str
    at: float


class CheckResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """The verdict of one check.

    score: the check's own, from 0 (worst) to 1; details: the facts behind it; version: that of the check.
    cap: what this result does to the total of a profile, if anything. Stored results without a cap have no such key.
    """

    name: str
    score: float
    passed: bool
    details: dict[str, Any]
    version: str
    cap: Cap | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """All checks of one response, and their total from 0 to 1; version is that of the profile."""

    profile: str
    version: str
    score: float
    checks: tuple[CheckResult, ...]

    @property
    def caps(self) -> list[Cap]:
        return [check.cap for check in self.checks if check.cap]
