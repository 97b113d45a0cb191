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


class Failed(msgspec.Struct, frozen=True):
    """A check of the installation's own that gave no result for a response, and why. It holds no text of anyone."""

    check: str
    reason: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """All checks of one response, and their total from 0 to 1; version is that of the profile.

    failures: own checks that gave no result; the total is that of the others.
    """

    profile: str
    version: str
    score: float
    checks: tuple[CheckResult, ...]
    failures: tuple[Failed, ...] = ()

    @property
    def caps(self) -> list[Cap]:
        return [check.cap for check in self.checks if check.cap]
