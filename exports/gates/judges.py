"""The judge of a gate with too few references: whether it agrees enough with people, and its verdicts."""

from collections.abc import Callable, Sequence
from typing import Any

from curation.models import GoldenRow
from exports.choices import PairwiseSource, PairwiseStatus
from exports.gates.comparing import PairedScore
from exports.gates.limits import LEAST_JUDGE_KAPPA
from exports.models import GateRun, PairwiseRun
from exports.pairwise import asking, requesting, running
from feedback.judging.agreement.using import standing_of
from feedback.models import Judge
from feedback.statistics.pairwise import BothOrders, PairVerdict, Preference

_EMPTY = {(True, False): PairVerdict.A, (False, True): PairVerdict.B, (False, False): PairVerdict.TIE}


def described(judge: Judge) -> dict[str, Any]:
    """What is stored of a judge with a gate: its agreement with people at the request, and whether that is enough."""
    standing = standing_of(judge)
    is_measured = standing is not None and standing.rubric_version_id == judge.rubric_version_id
    facts = {name: getattr(standing, name) if is_measured else None for name in ("kappa", "low", "high")}
    return {
        "name": judge.name,
        "rubric": judge.rubric_version.label,
        "n": standing.n if standing and is_measured else 0,
        **facts,
        "least_kappa": LEAST_JUDGE_KAPPA,
        "is_enough": _is_enough(facts["kappa"], facts["low"]),
    }


def _is_enough(kappa: float | None, low: float | None) -> bool:
    """At least .4, and surely more than chance."""
    return kappa is not None and low is not None and kappa >= LEAST_JUDGE_KAPPA and low > 0


def ask(gate: GateRun, check: Callable[[], object]) -> None:
    """Have the judge compare the answers that are there, in both orders; continues where it was.

    Raises as `pairwise.asking.ask`.
    """
    run = _run_of(gate)
    if run.status == PairwiseStatus.RUNNING:
        asking.ask(run, check)
        running.complete(run)


def verdicts(gate: GateRun, rows: Sequence[GoldenRow], answers: Sequence[PairedScore]) -> list[PairVerdict | None]:
    """What the judge says of each row: A for the candidate. answers: those to compare, in the order of the rows."""
    found = {
        one.golden_row_id: BothOrders(Preference(one.forward), Preference(one.backward)).verdict
        for one in _run_of(gate).verdicts.all()
        if one.forward and one.backward
    }
    return [found.get(row.pk) or _without_judge(both) for row, both in zip(rows, answers, strict=True)]


def _without_judge(both: PairedScore) -> PairVerdict | None:
    """An empty answer is worse than one with a text; the judge is not asked about it."""
    if both.candidate is None or both.current is None:
        return None
    has_text = bool(both.candidate.strip()), bool(both.current.strip())
    return _EMPTY.get(has_text)


def biases(gate: GateRun) -> dict[str, Any]:
    """Consistency and biases of the judge in this gate."""
    return _run_of(gate).figures


def _run_of(gate: GateRun) -> PairwiseRun:
    found = PairwiseRun.objects.select_related("judge__rubric_version", "gate").filter(gate=gate, judge=gate.judge_id)
    return found.first() or requesting.make(
        gate.judge, gate, kind=PairwiseSource.GATE, most=gate.rows, by=gate.requested_by
    )
