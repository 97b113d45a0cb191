"""What the page of a gate shows."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator

from curation.models import GoldenRow
from exports.choices import GateOutcome, GateReason, GateSide, GateStatus, GateVerdict
from exports.gates import wording
from exports.gates.rows import rows_of
from exports.models import GateAnswer, GateRun

ROWS_PER_PAGE = 10
VERDICT_TONES = {GateVerdict.BETTER: "success", GateVerdict.WORSE: "danger", GateVerdict.NO_EVIDENCE: "warning"}


@dataclass(frozen=True)
class ShownAnswer:
    """An answer under the name that it may have now: its side, or a letter until the gate is completed."""

    name: str
    answer: GateAnswer | None


@dataclass(frozen=True)
class ShownRow:
    row: GoldenRow
    answers: list[ShownAnswer]


def build(gate: GateRun, *, number: str | None) -> dict[str, Any]:
    """The context of the page; number: of the page of rows."""
    paginator = Paginator(rows_of(gate).defer("tools"), ROWS_PER_PAGE)
    page = paginator.get_page(number)
    return {
        "gate": gate,
        "sentence": wording.sentence(gate),
        "tone": VERDICT_TONES.get(gate.verdict, ""),
        "metric": wording.METRICS[gate.metric],
        "figures": _figures(gate),
        "sides": _sides(gate),
        "facts": _facts(gate),
        "rows": page,
        "shown": _shown(gate, page),
        "is_blind": gate.status != GateStatus.COMPLETED,
    }


def _figures(gate: GateRun) -> list[tuple[str, str]]:
    if gate.difference is None:
        return []
    details = gate.details
    return [
        ("Mean of the candidate", f"{gate.candidate_mean:.3f}"),
        ("Mean of the current model", f"{gate.current_mean:.3f}"),
        ("Difference", f"{gate.difference:+.3f}"),
        ("95 % interval", f"{gate.low:+.3f} to {gate.high:+.3f}"),
        ("References, prompts", f"{gate.n:,}, {details['prompts']:,}"),
        ("Candidate higher", f"{details['candidate_wins']:,}"),
        ("Current model higher", f"{details['current_wins']:,}"),
        ("Equal", f"{details['ties']:,}"),
    ]


def _sides(gate: GateRun) -> list[dict[str, Any]]:
    """The figures of each model, side by side."""
    outcomes, embedding = gate.details.get("outcomes", {}), gate.details.get("embedding") or {}
    versions = {GateSide.CANDIDATE: gate.candidate_version, GateSide.CURRENT: gate.current_version}
    return [
        {
            "name": side.label,
            "endpoint": gate.endpoints[side] or "uploaded",
            "version": versions[side] or "–",
            "counts": [f"{outcomes.get(side.value, {}).get(outcome.value, 0):,}" for outcome in GateOutcome],
            "embedding": f"{embedding[side.value]:.3f}" if side.value in embedding else "–",
        }
        for side in GateSide
    ]


def _facts(gate: GateRun) -> list[tuple[str, str]]:
    groups = gate.details.get("references_from", {})
    edited = [
        (_group(name), f"{group['rows']:,} rows, difference {group['difference']:+.3f}")
        for name, group in groups.items()
        if gate.reason != GateReason.FEW_REFERENCES
    ]
    return [
        *_judge(gate),
        ("Uses of the set before", f"{gate.details.get('uses_before', 0):,}"),
        ("Tokens", f"{gate.tokens:,} of {gate.token_budget:,}"),
        *edited,
    ]


def _judge(gate: GateRun) -> list[tuple[str, str]]:
    """What the verdict rests on where a judge was named."""
    judge = gate.details.get("judge")
    if not judge:
        return []
    found = [("Judge", f"{judge['name']} ({judge['rubric']})")]
    if judge["kappa"] is not None:
        interval = "" if judge["low"] is None else f" ({judge['low']:.2f} to {judge['high']:.2f})"
        found.append(("Its kappa with people", f"{judge['kappa']:.2f}{interval}, {judge['n']:,} events"))
    if pairwise := judge.get("pairwise"):
        found.append(("Preferred the answer shown first", _share(pairwise["position"]["first"])))
        found.append(("Different in the other order", _share(pairwise["inconsistent"])))
        found.append(("Preferred the longer answer", _share(pairwise["verbosity"]["longer"])))
    elif not gate.is_judged and gate.rows:
        found.append(("Asked", "no"))
    return found


def _share(found: dict[str, float | None]) -> str:
    if found["value"] is None:
        return "–"
    return f"{found['value']:.0%} ({found['low']:.0%} to {found['high']:.0%})"


def _group(name: str) -> str:
    whose = {"candidate": "the candidate", "current": "the current model"}.get(name, "other models")
    return f"References edited from answers of {whose}"


def _shown(gate: GateRun, page: Page) -> list[ShownRow]:
    rows = list(page.object_list)
    answers = {(answer.row_id, answer.side): answer for answer in gate.answers.filter(row__in=rows)}
    return [ShownRow(row, _of_row(gate, row, answers)) for row in rows]


def _of_row(gate: GateRun, row: GoldenRow, answers: dict[tuple[int, str], GateAnswer]) -> list[ShownAnswer]:
    found = [(side.label, answers.get((row.pk, side.value))) for side in GateSide]
    if gate.status == GateStatus.COMPLETED:
        return [ShownAnswer(name, answer) for name, answer in found]
    # The order is the row's own, so that it says nothing when the page is read again.
    if (gate.seed * 2_654_435_761 + row.pk * 40_503) >> 7 & 1:
        found.reverse()
    return [ShownAnswer(letter, answer) for letter, (_, answer) in zip("AB", found, strict=True)]
