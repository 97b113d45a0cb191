"""The checks of the profile default-4 that have changed since, in score or in speed."""

from benchmarks.former_checks.format import FORMAT
from benchmarks.former_checks.refusal import REFUSAL
from benchmarks.former_checks.repetition import REPETITION
from benchmarks.former_checks.truncation import TRUNCATION
from feedback.quality.checks import CHECKS as _NOW

_FORMER = {check.name: check for check in (FORMAT, REFUSAL, REPETITION, TRUNCATION)}
CHECKS = tuple(_FORMER.get(check.name, check) for check in _NOW)
