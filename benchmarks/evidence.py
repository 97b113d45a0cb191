"""Measures evidence on answers known to be right or wrong, with simulated votes: `python -m benchmarks.evidence`.

Votes are drawn on the answers of correctness_gsm8k_models. Constants were chosen on the questions of even number, which
tests use too, and the figures are of the others. An honest voter is right four times in five. The oracle knows that and
each version's rate.
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
# Users who repeat their vote under other types and names, until it weighs the most that it may.
STUFFERS = 0.1


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
    unseen = answers(held_out=True)
    runs = [honest(unseen, np.random.default_rng(seed)) for seed in SEEDS]
    accepted = [run for run in runs if run is not None]
    print_table(
        f"Evidence on {len(unseen):,} unseen answers, {FEWEST} to {MOST} voters, mean of {len(accepted)} draws,"
        f" {len(runs) - len(accepted)} more without enough agreement",
        ("figure", "value"),
        [(name, round(float(np.mean([run[name] for run in accepted])), 4)) for name in accepted[0]],
    )


def answers(*, held_out: bool) -> Answers:
    """Those to questions of odd number, on which nothing was tuned, or those to the others."""
    found = [row for row in rows("correctness_gsm8k_models") if row["question_id"] % 2 == held_out]
    names = sorted({row["model"] for row in found})
    return Answers(
        np.array([bool(row["is_correct"]) for row in found]), np.array([names.index(row["model"]) for row in found])
    )


def honest(given: Answers, random: np.random.Generator) -> dict[str, float] | None:
    """The figures of one draw of honest votes; None if they do not agree enough."""
    sizes = random.integers(FEWEST, MOST + 1, len(given))
    says_good = np.repeat(given.is_right, sizes) == (random.random(sizes.sum()) < RIGHT)
    arrays = arrays_of(sizes, users_of(sizes.sum(), random), np.where(says_good, 1.0, -1.0))
    up = np.bincount(arrays.events, says_good, len(given))
    found = scores_of(arrays, given)
    if found is None:
        return None
    oracle = rate_log_odds(given) + (2 * up - sizes) * logit(RIGHT)
    share = approval(up, sizes - up)
    truth = np.where(given.is_right, RIGHT, 1 - RIGHT)
    jeffreys = beta_quantile(0.975, up + 0.5, sizes - up + 0.5) - beta_quantile(0.025, up + 0.5, sizes - up + 0.5)
    repeats = random.random(arrays.voters.max() + 1) < STUFFERS
    stuffed = arrays_of(sizes, arrays.voters, arrays.weights * np.where(repeats[arrays.voters], STRONGEST, 1.0))
    return {
        "AUC of p_good": auc(found, given.is_right),
        "AUC of the oracle": auc(oracle, given.is_right),
        "expected calibration error of p_good": calibration_error(found, given.is_right),
        "share of approval intervals that hold the truth": float(np.mean((share.low <= truth) & (truth <= share.high))),
        "width of approval intervals / Jeffreys": float(np.mean(share.high - share.low) / np.mean(jeffreys)),
        "AUC when a tenth of users vote in several slots": auc(scores_of(stuffed, given), given.is_right),
    }


def users_of(votes: int, random: np.random.Generator, *, each: int = VOTES_EACH) -> np.ndarray:
    """A user for each vote, so many votes a user, in random order."""
    return random.permutation(np.arange(votes) // each)


def arrays_of(
    sizes: np.ndarray,
    users: np.ndarray,
    weights: np.ndarray,
    scored: Sequence[int] = (),
    given: Answers | None = None,
) -> VoteArrays:
    has_gold = np.zeros(len(sizes), dtype=np.int64)
    has_gold[list(scored)] = 1
    gold = given.is_right[has_gold == 1].astype(float) if given is not None else np.empty(0)
    offsets, gold_offsets = (np.concatenate([[0], np.cumsum(lengths)]) for lengths in (sizes, has_gold))
    # The hashes 0 and 1 are voters without an identity.
    return VoteArrays(offsets, users.astype(np.int64) + 2, weights, gold_offsets, gold)


def scores_of(arrays: VoteArrays, given: Answers) -> np.ndarray | None:
    """The probability that each answer is right; None if users do not agree enough."""
    found = fit(arrays, given.versions, count=given.count)
    if found.agreement == Agreement.NOT_ENOUGH:
        return None
    log_odds, reliabilities = found.log_odds_of(given.versions), found.reliabilities_of(arrays.voters)
    return p_good(arrays, log_odds, reliabilities, agreement=found.agreement)


def rate_log_odds(given: Answers) -> np.ndarray:
    """The true rate of the version of each answer."""
    rates = np.array([given.is_right[given.versions == code].mean() for code in range(given.count)])
    return logit(rates)[given.versions]


def auc(scores: np.ndarray, is_right: np.ndarray) -> float:
    """The probability that a right answer scores above a wrong one; ties count half."""
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
