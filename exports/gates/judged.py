"""The verdict of a gate by a judge that compared the answers of both models in both orders."""

from collections.abc import Sequence

import numpy as np

from exports.choices import GateMetric, GateOutcome, GateReason, GateVerdict
from exports.gates.comparing import Compared, PairedScore, Scored, missing_share, scored
from exports.gates.limits import LEAST_JUDGED, MOST_MISSING_SHARE
from feedback.statistics.paired import cluster_means, paired_difference
from feedback.statistics.pairwise import PairVerdict

_SCORES = {PairVerdict.A: 1.0, PairVerdict.TIE: 0.5, PairVerdict.B: 0.0}


def compare_judged(rows: Sequence[PairedScore], verdicts: Sequence[PairVerdict | None]) -> Compared:
    """Return the verdict on the candidate with its figures.

    Parameters
    ----------
    rows : sequence of PairedScore
        Their references are not read.
    verdicts : sequence of PairVerdict or None
        Of each row, what holds in both orders: A if the candidate's answer is better, B if that of the current model.
        None if the judge gave no verdict.

    Returns
    -------
    Compared
        A better answer scores 1, the other one 0, and both 0.5 at a tie. Rows without both answers and a verdict are
        left out of the means; with too many of them there is no evidence.

    Examples
    --------
    >>> rows = [PairedScore(str(n), f"Question {n}?", "", f"Yes {n}.", f"No {n}.") for n in range(30)]
    >>> found = compare_judged(rows, [PairVerdict.A] * 20 + [PairVerdict.TIE] * 10)
    >>> found.verdict.value, round(found.difference, 3), round(found.candidate_mean, 3), found.ties
    ('better', 0.667, 0.833, 10)
    >>> compare_judged(rows, [PairVerdict.A] * 20 + [None] * 10).reason.value
    'missing_judgements'
    """
    candidate = scored(rows, [row.candidate for row in rows], GateMetric.SIMILARITY)
    current = scored(rows, [row.current for row in rows], GateMetric.SIMILARITY)
    known = [(row.cluster, _SCORES[verdict]) for row, verdict in zip(rows, verdicts, strict=True) if verdict]
    clusters, ours = [cluster for cluster, _ in known], np.array([score for _, score in known])
    differences = 2 * ours - 1
    interval = paired_difference(differences, clusters)
    low, high = max(interval.low, -1.0), min(interval.high, 1.0)
    verdict, reason = _verdict(low, high, candidate, current, judged=len(known))
    mean = float(cluster_means(ours, clusters).mean()) if known else interval.value
    return Compared(
        verdict=verdict,
        reason=reason,
        n=len(known),
        prompts=len(set(clusters)),
        candidate_mean=mean,
        current_mean=1 - mean,
        difference=interval.value,
        low=low,
        high=high,
        candidate_wins=int((differences > 0).sum()),
        current_wins=int((differences < 0).sum()),
        ties=int((differences == 0).sum()),
        candidate=_with_scores(candidate, verdicts, sign=1),
        current=_with_scores(current, verdicts, sign=-1),
    )


def _with_scores(side: Sequence[Scored], verdicts: Sequence[PairVerdict | None], *, sign: int) -> tuple[Scored, ...]:
    """The outcomes of the answers with what the judge said of them."""
    found = []
    for one, verdict in zip(side, verdicts, strict=True):
        score = 0.0 if verdict is None else 0.5 + sign * (_SCORES[verdict] - 0.5)
        found.append(Scored(one.outcome, score, score))
    return tuple(found)


def _verdict(
    low: float, high: float, candidate: Sequence[Scored], current: Sequence[Scored], *, judged: int
) -> tuple[GateVerdict, GateReason | None]:
    rows = len(candidate)
    if rows < LEAST_JUDGED:
        return GateVerdict.NO_EVIDENCE, GateReason.FEW_REFERENCES
    if max(map(missing_share, (candidate, current))) > MOST_MISSING_SHARE:
        return GateVerdict.NO_EVIDENCE, GateReason.MISSING_ANSWERS
    both = zip(candidate, current, strict=True)
    missing = sum(GateOutcome.MISSING in (one.outcome, other.outcome) for one, other in both)
    if rows - missing - judged > MOST_MISSING_SHARE * rows:
        return GateVerdict.NO_EVIDENCE, GateReason.MISSING_JUDGEMENTS
    if low > 0:
        return GateVerdict.BETTER, None
    if high < 0:
        return GateVerdict.WORSE, None
    return GateVerdict.NO_EVIDENCE, GateReason.INTERVAL
