"""What a gate found, in sentences."""

from exports.choices import GateMetric, GateReason, GateSide, GateStatus, GateVerdict
from exports.gates.limits import LEAST_REFERENCES, MOST_MISSING_SHARE
from exports.models import GateRun

METRICS = {
    GateMetric.EXACT_MATCH: "Share of answers that equal the reference, without case, articles and punctuation.",
    GateMetric.SIMILARITY: (
        "Similarity of an answer to its reference (ROUGE-L), less its similarity to the references of other prompts."
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
    return f"The candidate is {gate.verdict}: {_scores(gate)} ({_interval(gate)})."


def _without_evidence(gate: GateRun) -> str:
    if gate.reason == GateReason.FEW_REFERENCES:
        references = gate.n or gate.rows
        noun = "reference" if references == 1 else "references"
        needed = f"a verdict needs at least {LEAST_REFERENCES}"
        return f"No evidence: the golden set has {references:,} {noun} written by people, and {needed}."
    if gate.reason == GateReason.MISSING_ANSWERS:
        budget = " The token budget was used up." if gate.details["budget_exhausted"] else ""
        most = f"at most {MOST_MISSING_SHARE * 100:.0f} % of a side may be"
        return f"No evidence: {_missing(gate)} are missing, and {most}.{budget}"
    return f"No evidence of a difference: {_scores(gate)} ({_interval(gate)}, which contains 0)."


def _missing(gate: GateRun) -> str:
    parts = []
    for side, name in ((GateSide.CANDIDATE, "candidate"), (GateSide.CURRENT, "current model")):
        missing = gate.details["outcomes"][side.value].get("missing", 0)
        if missing:
            parts.append(f"{missing:,} of {gate.n:,} answers of the {name}")
    return " and ".join(parts)


def _scores(gate: GateRun) -> str:
    return f"it scores {gate.candidate_mean:.3f} and the current model {gate.current_mean:.3f} on {gate.n:,} references"


def _interval(gate: GateRun) -> str:
    return f"difference {gate.difference:+.3f}, 95 % interval {gate.low:+.3f} to {gate.high:+.3f}"
