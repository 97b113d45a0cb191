"""The quality checks, in the order in which an assessment lists them."""

from feedback.quality.checks.format import FORMAT
from feedback.quality.checks.length import LENGTH
from feedback.quality.checks.refusal import REFUSAL
from feedback.quality.checks.repetition import REPETITION

CHECKS = (FORMAT, LENGTH, REFUSAL, REPETITION)
