"""Measures evidence on answers known to be right or wrong, with simulated votes: `python -m benchmarks.evidence`.

Votes are drawn on the answers of correctness_gsm8k_models. The questions of even number are for tuning, and the figures
are of the others. An honest voter is right four times in five. The oracle knows that, and each version's rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.labelled_data import print_table, require_data, rows
from feedback.choices import Agreement
from feedback.evidence.arrays import VoteArrays
from feedback.evidence.fitting import fit
from feedback.evidence.posterior import approval, logit, p_good
from feedback.evidence.votes import STRONGEST
from feedback.statistics.beta import beta_quantile

RIGHT = 0.8
SEEDS = range(5)
FEWEST, MOST = 3, 20
VOTES_EACH = 4
SYBILS = 0.2
# Users who repeat their vote under other types and names, until it weighs the most that it may.
STUFFERS = 0.1
GOLD = 200


@dataclass(frozen=True)
class Answers:
    """Which answers are right, and the version that gave each as a number from 0."""

    is_right: np.ndarray
    versions: np.ndarray

    def __len__(self) -> int:
        return len(self.is_right)

    @property
    def count(self) -> int:
        return int(self.versions.max()) + 1


def main() -> None:
    require_data()
    answers = unseen_answers()
    runs = [honest(answers, np.random.default_rng(seed)) for seed in SEEDS]
    print_table(
        f"Evidence on {len(answers):,} unseen answers, {FEWEST} to {MOST} voters, mean of {len(SEEDS)} draws",
        ("figure", "value"),
        [(name, round(float(np.mean([run[name] for run in runs])), 4)) for name in runs[0]],
    )
    lines = []
    for voters in (10, 3):
        for kind in ("inverse", "constant"):
            for gold in (0, GOLD):
                pairs = [attacked(answers, voters, kind, gold, np.random.default_rng(seed)) for seed in SEEDS]
                with_, without, agreed = (float(np.mean(column)) for column in zip(*pairs, strict=True))
                lines.append(
                    (voters, kind, gold, round(without, 4), round(with_, 4), round(without - with_, 4), agreed)
                )
    print_table(
        f"{SYBILS:.0%} sybils, {VOTES_EACH} votes a user",
        ("voters", "sybils vote", "gold scores", "AUC without", "AUC with", "loss", "share with enough agreement"),
        lines,
    )


def unseen_answers() -> Answers:
    found = [row for row in rows("correctness_gsm8k_models") if row["question_id"] % 2]
    names = sorted({row["model"] for row in found})
    return Answers(
        np.array([bool(row["is_correct"]) for row in found]), np.array([names.index(row["model"]) for row in found])
    )


def honest(answers: Answers, random: np.random.Generator) -> dict[str, float]:
    """The figures of one draw of honest votes."""
    sizes = random.integers(FEWEST, MOST + 1, len(answers))
    says_good = np.repeat(answers.is_right, sizes) == (random.random(sizes.sum()) < RIGHT)
    arrays = _arrays(sizes, _users(sizes.sum(), random), np.where(says_good, 1.0, -1.0))
    up = np.bincount(arrays.events, says_good, len(answers))
    found = _scored(arrays, answers)
    rates = np.array([answers.is_right[answers.versions == code].mean() for code in range(answers.count)])
    oracle = logit(rates)[answers.versions] + (2 * up - sizes) * logit(RIGHT)
    share = approval(up, sizes - up)
    truth = np.where(answers.is_right, RIGHT, 1 - RIGHT)
    jeffreys = beta_quantile(0.975, up + 0.5, sizes - up + 0.5) - beta_quantile(0.025, up + 0.5, sizes - up + 0.5)
    repeats = random.random(arrays.voters.max() + 1) < STUFFERS
    stuffed = _arrays(sizes, arrays.voters, arrays.weights * np.where(repeats[arrays.voters], STRONGEST, 1.0))
    return {
        "AUC of p_good": auc(found, answers.is_right),
        "AUC of the oracle": auc(oracle, answers.is_right),
        "expected calibration error of p_good": calibration_error(found, answers.is_right),
        "share of approval intervals that hold the truth": float(np.mean((share.low <= truth) & (truth <= share.high))),
        "width of approval intervals / Jeffreys": float(np.mean(share.high - share.low) / np.mean(jeffreys)),
        "AUC when a tenth of users vote in several slots": auc(_scored(stuffed, answers), answers.is_right),
    }


def attacked(
    answers: Answers, voters: int, kind: str, gold: int, random: np.random.Generator
) -> tuple[float, float, float]:
    """AUC with a share of sybils and without, and whether the fit found enough agreement.

    Sybils vote against what is right, or for everything. gold: so many answers have a gold score that is right.
    """
    sizes = np.full(len(answers), voters)
    is_right = np.repeat(answers.is_right, voters)
    honest_votes = is_right == (random.random(len(is_right)) < RIGHT)
    users = _users(len(is_right), random)
    is_sybil = random.random(users.max() + 1) < SYBILS
    sybil_votes = ~is_right if kind == "inverse" else np.ones(len(is_right), bool)
    votes = np.where(is_sybil[users], sybil_votes, honest_votes)
    scored = random.choice(len(answers), gold, replace=False)
    with_ = _arrays(sizes, users, np.where(votes, 1.0, -1.0), scored, answers)
    without = _arrays(sizes, users, np.where(honest_votes, 1.0, -1.0), scored, answers)
    agreement = fit(with_, answers.versions, count=answers.count).agreement
    return (
        auc(_scored(with_, answers), answers.is_right),
        auc(_scored(without, answers), answers.is_right),
        float(agreement == Agreement.ENOUGH),
    )


def _users(votes: int, random: np.random.Generator) -> np.ndarray:
    """A user for each vote, VOTES_EACH votes a user, in random order."""
    return random.permutation(np.arange(votes) // VOTES_EACH)


def _arrays(
    sizes: np.ndarray,
    users: np.ndarray,
    weights: np.ndarray,
    scored: Sequence[int] = (),
    answers: Answers | None = None,
) -> VoteArrays:
    has_gold = np.zeros(len(sizes), dtype=np.int64)
    has_gold[list(scored)] = 1
    gold = answers.is_right[has_gold == 1].astype(float) if answers is not None else np.empty(0)
    offsets, gold_offsets = (np.concatenate([[0], np.cumsum(lengths)]) for lengths in (sizes, has_gold))
    # The hashes 0 and 1 are voters without an identity.
    return VoteArrays(offsets, users.astype(np.int64) + 2, weights, gold_offsets, gold)


def _scored(arrays: VoteArrays, answers: Answers) -> np.ndarray:
    found = fit(arrays, answers.versions, count=answers.count)
    return p_good(
        arrays,
        found.log_odds_of(answers.versions),
        found.reliabilities_of(arrays.voters),
        agreement=found.agreement,
    )


def auc(scores: np.ndarray, is_right: np.ndarray) -> float:
    """The probability that a right answer scores above a wrong one; ties and missing scores count half."""
    scores = np.where(np.isnan(scores), np.nanmean(scores) if np.isfinite(scores).any() else 0.5, scores)
    _, ranks, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    right = is_right.sum()
    total = middle[ranks][is_right].sum() - right * (right + 1) / 2
    return float(total / (right * (len(is_right) - right)))


def calibration_error(probabilities: np.ndarray, is_right: np.ndarray, *, bins: int = 10) -> float:
    """The mean difference between probability and share of right answers, over bins of equal width."""
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    size = np.bincount(which, minlength=bins)
    gap = np.abs(np.bincount(which, probabilities, bins) - np.bincount(which, is_right, bins))
    return float(gap.sum() / size.sum())


if __name__ == "__main__":
    main()
