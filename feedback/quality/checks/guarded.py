"""Runs a check of the installation's own, so that whatever it does no event is lost."""

import ctypes
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from feedback.quality.answers import Answer
from feedback.quality.checks.base import AnswerCheck, Check, Context
from feedback.quality.results import CheckResult, Failed

NOT_A_RESULT, OUT_OF_RANGE, UNUSABLE_DETAILS = "no result", "score out of range", "unusable details"
TOO_SLOW, SUSPENDED = "too slow", "suspended"
# After a check was too slow, no answer waits for it for so long.
SUSPENDED_SECONDS = 60.0
MAX_DETAILS_BYTES = 4096
_MAX_REASON = 100
Outcome = CheckResult | Failed | None


class _Interrupted(BaseException):
    """Ends a check that is too slow; no `except Exception` of it catches this."""


@dataclass
class Guarded:
    """A check that may raise, be slow, or answer anything.

    seconds: how long it may take for the answers that are scored together. Those it has not judged by then are without
    it, and for a minute all others, too.
    """

    check: Check | AnswerCheck
    seconds: float = 5.0
    clock: Callable[[], float] = time.monotonic
    _suspended_until: float = field(default=-math.inf, init=False)
    _overdue: threading.Thread | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        return self.check.name

    @property
    def version(self) -> str:
        return self.check.version

    @property
    def reads_text(self) -> bool:
        return self.check.reads_text

    def results(self, *arguments: Any) -> list[Outcome]:
        """The results of prompts, responses and a context, or of answers: one of each, `Failed` where there is none."""
        wanted = len(arguments[0])
        if self._is_suspended:
            return [Failed(self.name, SUSPENDED)] * wanted
        found: list[Outcome] = []
        judge = self._judge_texts if isinstance(self.check, Check) else self._judge_answers
        worker = threading.Thread(
            target=_until_interrupted, args=(judge, found, *arguments), name=f"check {self.name}", daemon=True
        )
        worker.start()
        worker.join(self.seconds)
        if worker.is_alive():
            self._suspended_until, self._overdue = self.clock() + SUSPENDED_SECONDS, worker
            _interrupt(worker)
        judged = found[:wanted]
        return judged + [Failed(self.name, TOO_SLOW)] * (wanted - len(judged))

    @property
    def _is_suspended(self) -> bool:
        """Whether the check was too slow a moment ago, or still is."""
        return self.clock() < self._suspended_until or self._overdue is not None and self._overdue.is_alive()

    def _judge_texts(
        self, found: list[Outcome], prompts: Sequence[str], responses: Sequence[str], context: Context
    ) -> None:
        check = self.check
        if (
            isinstance(check, Check)
            and check.judge_many is not None
            and self._judge_together(found, check, prompts, responses, context)
        ):
            return
        for prompt, response in zip(prompts, responses, strict=True):
            found.append(self._outcome(check.judge, prompt, response, context))

    def _judge_together(self, found: list[Outcome], check: Check, *arguments: Any) -> bool:
        """Whether the check has judged all at once; otherwise it judges one after the other."""
        try:
            results = list(check.judge_many(*arguments))  # type: ignore[misc]
        except _Interrupted:
            raise
        except BaseException:  # noqa: BLE001 - one answer must not take the check from the others
            return False
        if len(results) != len(arguments[0]):
            return False
        found.extend(self._verified(result) for result in results)
        return True

    def _judge_answers(self, found: list[Outcome], answers: Sequence[Answer]) -> None:
        for answer in answers:
            found.append(self._outcome(self._if_it_applies, answer))

    def _if_it_applies(self, answer: Answer) -> CheckResult | None:
        check = self.check
        return check.judge(answer) if isinstance(check, AnswerCheck) and check.may_apply([answer])[0] else None

    def _outcome(self, judge: Callable[..., Any], *arguments: Any) -> Outcome:
        try:
            return self._verified(judge(*arguments))
        except _Interrupted:
            raise
        except BaseException as error:  # noqa: BLE001 - also of one that exits
            return Failed(self.name, f"raised {type(error).__name__}"[:_MAX_REASON])

    def _verified(self, result: Any) -> Outcome:
        if result is None and not self.reads_text:
            return None
        if problem := problem_of(result, self.check):
            return Failed(self.name, problem)
        return result


def problem_of(result: Any, check: Check | AnswerCheck) -> str:
    """Tell what is wrong with the result of a check.

    Parameters
    ----------
    result
        What the check returned.
    check : Check or AnswerCheck

    Returns
    -------
    str
        A few words, or "" of a result that can be stored.

    Examples
    --------
    >>> polite = Check("polite", "polite-1", lambda prompt, response, context: None)
    >>> problem_of(0.5, polite), problem_of(CheckResult("polite", 1.5, True, {}, "polite-1"), polite)
    ('no result', 'score out of range')
    """
    if not isinstance(result, CheckResult) or not isinstance(result.passed, bool):
        return NOT_A_RESULT
    if (result.name, result.version, result.cap) != (check.name, check.version, None):
        return "another check's result"
    score = result.score
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        return OUT_OF_RANGE
    return "" if _can_be_stored(result.details) else UNUSABLE_DETAILS


def _can_be_stored(details: Any) -> bool:
    try:
        written = msgspec.json.encode(details)
    except (TypeError, ValueError, RecursionError, OverflowError):
        return False
    return isinstance(details, dict) and len(written) <= MAX_DETAILS_BYTES and b"\\u0000" not in written


def _until_interrupted(judge: Callable[..., None], *arguments: Any) -> None:
    try:
        judge(*arguments)
    except _Interrupted:
        return


def _interrupt(worker: threading.Thread) -> None:
    """End a thread at the next step of its Python code; one that waits in a call ends after it."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(worker.ident or 0), ctypes.py_object(_Interrupted))
