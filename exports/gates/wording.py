"""What a gate found, in sentences."""

from typing import Any

from exports.choices import GateMetric, GateReason, GateSide, GateStatus, GateVerdict
from exports.gates.limits import LEAST_JUDGED, LEAST_REFERENCES, MOST_MISSING_SHARE
from exports.models import GateRun

METRICS = {
    GateMetric.EXACT_MATCH: "Share of answers that equal the reference, without case, articles and punctuation.",
    GateMetric.SIMILARITY: (
        "Similarity of an answer to its reference (ROUGE-L), less its similarity to the references of other prompts."
    ),
    GateMetric.PAIRWISE: (
        "A judge compared both answers in both orders: 1 for the better one, 0 for the other, 0.5 at a tie or where "
        "the orders disagree."
    ),
}


def sentence(gate: GateRun) -> str:
    """The verdict, or why there is none yet."""
    if gate.status == GateStatus.WAITING:
        sides = " and the ".join(GateSide(side).label.lower() for side in gate.uploaded_sides)
        return f"Waiting for uploaded answers of the {sides}."
    if gate.status == GateStatus.RUNNING:
        return "The models are being asked, and their answers compared."
    if gate.status == GateStatus.FAILED:
        return f"The gate failed: {gate.error}"
    if gate.status == GateStatus.CANCELLED:
        return "The gate was cancelled."
    if gate.verdict == GateVerdict.NO_EVIDENCE:
        return _without_evidence(gate)
    return f"The candidate is {gate.verdict}: {_scores(gate)} ({_interval(gate)}).{_judged_by(gate)}"


def _without_evidence(gate: GateRun) -> str:
    if gate.reason == GateReason.FEW_REFERENCES:
        needed = f"a verdict needs at least {LEAST_REFERENCES}"
        if gate.judge_name:
            needed = f"a verdict by a judge needs at least {LEAST_JUDGED}"
        return f"No evidence: {_references(gate)}, and {needed}."
    if gate.reason == GateReason.WEAK_JUDGE:
        return f"No evidence: {_references(gate)}, and the judge {gate.judge_name} {_weakness(gate.details['judge'])}."
    if gate.reason == GateReason.MISSING_JUDGEMENTS:
        most = f"at most {MOST_MISSING_SHARE * 100:.0f} % may be"
        return f"No evidence: {gate.rows - gate.n:,} of {gate.rows:,} judgements are missing, and {most}."
    if gate.reason == GateReason.MISSING_ANSWERS:
        budget = " The token budget was used up." if gate.details["budget_exhausted"] else ""
        most = f"at most {MOST_MISSING_SHARE * 100:.0f} % of a side may be"
        return f"No evidence: {_missing(gate)} are missing, and {most}.{budget}"
    return f"No evidence of a difference: {_scores(gate)} ({_interval(gate)}, which contains 0).{_judged_by(gate)}"


def _references(gate: GateRun) -> str:
    references = gate.n or gate.rows
    noun = "reference" if references == 1 else "references"
    return f"the golden set has {references:,} {noun} written by people"


def _weakness(judge: dict[str, Any]) -> str:
    if judge["kappa"] is None:
        return "was not compared with people by its rubric"
    needed = f"kappa must be at least {judge['least_kappa']} and surely above 0"
    return f"agrees too little with people: {_agreement(judge)}; {needed}"


def _agreement(judge: dict[str, Any]) -> str:
    interval = "" if judge["low"] is None else f" ({judge['low']:.2f} to {judge['high']:.2f})"
    return f"kappa {judge['kappa']:.2f}{interval} over {judge['n']:,} events"


def _judged_by(gate: GateRun) -> str:
    """What a verdict without enough references rests on."""
    if not gate.is_judged:
        return ""
    judge = gate.details["judge"]
    found = judge["pairwise"]
    first, inconsistent = found["position"]["first"]["value"], found["inconsistent"]["value"]
    bias = ""
    if first is not None:
        bias = f"; {first:.0%} of its calls preferred the answer shown first, and {inconsistent:.0%} of its verdicts"
        bias += " were different in the other order"
    return f" This rests on the judge {judge['name']}, with {_agreement(judge)} against people{bias}."


def _missing(gate: GateRun) -> str:
    parts = []
    for side, name in ((GateSide.CANDIDATE, "candidate"), (GateSide.CURRENT, "current model")):
        missing = gate.details["outcomes"][side.value].get("missing", 0)
        if missing:
            parts.append(f"{missing:,} of {gate.rows if gate.is_judged else gate.n:,} answers of the {name}")
    return " and ".join(parts)


def _scores(gate: GateRun) -> str:
    counted = f"{gate.n:,} {'rows' if gate.is_judged else 'references'}"
    return f"it scores {gate.candidate_mean:.3f} and the current model {gate.current_mean:.3f} on {counted}"


def _interval(gate: GateRun) -> str:
    return f"difference {gate.difference:+.3f}, 95 % interval {gate.low:+.3f} to {gate.high:+.3f}"
