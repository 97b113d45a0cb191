"""Compares the answers of a gate, and records the verdict."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import structlog
import xxhash
from django.db import transaction
from django.utils import timezone

from curation.models import GoldenRow
from exports.choices import GateMetric, GateSide, GateStatus
from exports.gates import judges
from exports.gates.answers import storing
from exports.gates.comparing import Compared, PairedScore, compare
from exports.gates.judged import compare_judged
from exports.gates.rows import rows_of
from exports.models import GateAnswer, GateRun
from exports.products.base import Options
from exports.products.conversations import context
from feedback import exact_json
from feedback.embeddings import clients
from feedback.embeddings.availability import has_embeddings
from feedback.jobs.leases import Lease

log = structlog.get_logger(__name__)
_BATCH = 500


def complete(gate: GateRun, lease: Lease, *, is_budget_enough: bool) -> None:
    """Compare the answers there are, and record verdict, figures and scores. Raises LeaseLost and GateEnded."""
    rows = list(rows_of(gate))
    answers = {(answer.row_id, answer.side): answer for answer in gate.answers.all()}
    asked = [_row(row, answers) for row in rows]
    if gate.is_judged:
        compared = compare_judged(asked, judges.verdicts(gate, rows, asked))
    else:
        compared = compare(asked, GateMetric(gate.metric))
    facts = gate.details | _details(gate, rows, asked, compared) | {"budget_exhausted": not is_budget_enough}
    if gate.is_judged:
        facts["judge"] = gate.details["judge"] | {"pairwise": judges.biases(gate)}
    scored = _scored(rows, answers, compared)
    with transaction.atomic():
        storing.update(
            gate,
            lease,
            status=GateStatus.COMPLETED,
            verdict=compared.verdict,
            reason=compared.reason or "",
            n=compared.n,
            **{name: _number(getattr(compared, name)) for name in ("candidate_mean", "current_mean", "difference")},
            **{name: _number(getattr(compared, name)) for name in ("low", "high")},
            details=facts,
            completed_at=timezone.now(),
        )
        GateAnswer.objects.bulk_update(scored, ["score", "outcome"], batch_size=_BATCH)
    log.info("gate_completed", gate=gate.pk, verdict=compared.verdict, n=compared.n)


def _row(row: GoldenRow, answers: dict[tuple[int, str], GateAnswer]) -> PairedScore:
    return PairedScore(
        cluster=xxhash.xxh128_hexdigest(exact_json.encode(context(row, Options()))),
        prompt=row.prompt,
        reference=row.reference,
        candidate=_text(answers.get((row.pk, GateSide.CANDIDATE))),
        current=_text(answers.get((row.pk, GateSide.CURRENT))),
    )


def _text(answer: GateAnswer | None) -> str | None:
    is_there = answer is not None and answer.outcome != storing.outcome_of(None)
    return answer.response if is_there else None


def _scored(
    rows: Sequence[GoldenRow], answers: dict[tuple[int, str], GateAnswer], compared: Compared
) -> list[GateAnswer]:
    """The stored answers with their scores."""
    found = []
    for side, scores in ((GateSide.CANDIDATE, compared.candidate), (GateSide.CURRENT, compared.current)):
        for row, one in zip(rows, scores, strict=True):
            if answer := answers.get((row.pk, side)):
                answer.score, answer.outcome = one.score, one.outcome
                found.append(answer)
    return found


def _details(
    gate: GateRun, rows: Sequence[GoldenRow], asked: Sequence[PairedScore], compared: Compared
) -> dict[str, Any]:
    sides = {GateSide.CANDIDATE: compared.candidate, GateSide.CURRENT: compared.current}
    return {
        "prompts": compared.prompts,
        "candidate_wins": compared.candidate_wins,
        "current_wins": compared.current_wins,
        "ties": compared.ties,
        "outcomes": {side.value: dict(Counter(one.outcome for one in scores)) for side, scores in sides.items()},
        "uncorrected": {side.value: _mean([one.uncorrected for one in scores]) for side, scores in sides.items()},
        "references_from": _references_from(gate, rows, compared),
        "embedding": _embedded(asked),
    }


def _references_from(gate: GateRun, rows: Sequence[GoldenRow], compared: Compared) -> dict[str, Any]:
    """Rows and mean difference by whose answer the person edited: an edit stays like the answer that it began with."""
    versions = {version: side for side, version in _versions(gate).items() if version}
    groups: dict[str, list[float]] = {}
    for row, ours, theirs in zip(rows, compared.candidate, compared.current, strict=True):
        groups.setdefault(versions.get(row.model_version_id, "other"), []).append(ours.score - theirs.score)
    return {name: {"rows": len(values), "difference": _mean(values)} for name, values in sorted(groups.items())}


def _versions(gate: GateRun) -> dict[str, str]:
    return {GateSide.CANDIDATE.value: gate.candidate_version, GateSide.CURRENT.value: gate.current_version}


def _embedded(rows: Sequence[PairedScore]) -> dict[str, Any] | None:
    """The mean cosine of answers with their references: a figure beside the verdict, which it never decides."""
    if not has_embeddings() or not rows:
        return None
    try:
        cosines = np.concatenate([_cosines(rows[at : at + _BATCH]) for at in range(0, len(rows), _BATCH)])
        client = clients.embedding_client()
        candidate, current = map(float, cosines.mean(axis=0))
        means = {GateSide.CANDIDATE.value: _number(candidate), GateSide.CURRENT.value: _number(current)}
        return means | {"client": f"{client.name} {client.version}"}
    except Exception as error:  # noqa: BLE001 - the client may be any class, and the answers are paid for
        log.warning("gate_not_embedded", error=type(error).__name__)
        return None


def _cosines(rows: Sequence[PairedScore]) -> np.ndarray:
    """The cosines of both answers with their references, shape (n, 2)."""
    references = clients.embed([row.reference for row in rows])
    answers = [[row.candidate or "" for row in rows], [row.current or "" for row in rows]]
    return np.column_stack([np.einsum("ij,ij->i", references, clients.embed(side)) for side in answers])


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
