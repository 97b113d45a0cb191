"""What every check is: a name, a version, and a rule that judges a response."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from feedback.quality.answers import Answer
from feedback.quality.results import CheckResult


@dataclass(frozen=True, slots=True)
class Context:
    """Bounds of an ordinary response in grapheme clusters, both inclusive."""

    min_length: int = 20
    max_length: int = 4000


@dataclass(frozen=True)
class Check:
    """One check of the text of a response. It does not apply to tool calls or media without text.

    judge: the result of a prompt, a response and a context. It raises nothing, whatever the texts are.
    judge_many: the same results for many prompts and responses, for a check that is faster on many at once.
    version: changes whenever the score of any response does.
    """

    reads_text: ClassVar[Literal[True]] = True

    name: str
    version: str
    judge: Callable[[str, str, Context], CheckResult]
    judge_many: Callable[[Sequence[str], Sequence[str], Context], list[CheckResult]] | None = None

    def results(self, prompts: Sequence[str], responses: Sequence[str], context: Context) -> list[CheckResult]:
        if self.judge_many is not None:
            return self.judge_many(prompts, responses, context)
        return [self.judge(prompt, response, context) for prompt, response in zip(prompts, responses, strict=True)]


@dataclass(frozen=True)
class AnswerCheck:
    """One check of an answer as a whole: text, tool calls, and what was asked for.

    judge: its result, or None where it does not apply. It raises nothing.
    may_apply: of many answers, to which it may apply, for a check that finds out faster of many at once.
    version: changes whenever the score of any answer does.
    """

    reads_text: ClassVar[Literal[False]] = False

    name: str
    version: str
    judge: Callable[[Answer], CheckResult | None]
    may_apply: Callable[[Sequence[Answer]], Sequence[bool]]

    def results(self, answers: Sequence[Answer]) -> list[CheckResult | None]:
        return [
            self.judge(answer) if possible else None
            for answer, possible in zip(answers, self.may_apply(answers), strict=True)
        ]
