"""The quality checks, in the order in which an assessment lists them."""

from feedback.quality.checks.format import FORMAT
from feedback.quality.checks.length import LENGTH
from feedback.quality.checks.no_answer import NO_ANSWER
from feedback.quality.checks.refusal import REFUSAL
from feedback.quality.checks.repetition import REPETITION
from feedback.quality.checks.structured_output import STRUCTURED_OUTPUT
from feedback.quality.checks.tool_calls import TOOL_CALLS
from feedback.quality.checks.truncation import TRUNCATION

CHECKS = (FORMAT, LENGTH, REFUSAL, REPETITION, TOOL_CALLS, STRUCTURED_OUTPUT, TRUNCATION, NO_ANSWER)
