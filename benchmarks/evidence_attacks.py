"""Measures evidence with dishonest users: `python -m benchmarks.evidence_attacks`.

Answers and honest voters are those of `benchmarks.evidence`. Sybils vote against what is right or for everything. Draws
without enough agreement are counted apart. Three oracles know each version's rate: one of counts knows how often all
users together are right but not who is who, one leaves out sybils, and one also believes the opposite of their votes.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.evidence import RIGHT, Answers, answers, arrays_of, auc, rate_log_odds, scores_of, users_of
from benchmarks.labelled_data import print_table, require_data
from feedback.evidence.arrays import VoteArrays
from feedback.evidence.consensus import gold_log_odds
from feedback.evidence.posterior import logit

SEEDS = range(10)
SYBILS = 0.2
GOLD = 200
# What the log-odds of a sure vote count as.
_SURE = 6.0


@dataclass(frozen=True)
class Losses:
    """AUC that sybils cost; fitted: None if users do not agree enough."""

    fitted: float | None
    by_counts: float
    without_sybils: float
    inverted: float


def main() -> None:
    require_data()
    unseen = answers(held_out=True)
    print_table(
        f"{SYBILS:.0%} sybils, AUC that they cost, mean of up to {len(SEEDS)} draws",
        ("voters", "votes a user", "sybils", "gold", "loss", "refused", "by counts", "without sybils", "inverted"),
        [
            _sybil_line(unseen, voters, each, kind, gold)
            for voters in (10, 3)
            for each in (4, 8)
            for kind in ("inverse", "constant")
            for gold in (0, GOLD)
        ],
    )
    print_table(
        f"Hostile majorities, {len(SEEDS)} draws of 3 and of 10 voters each, 4 votes a user",
        ("votes", "gold", "good above bad", "not enough agreement", "exchanged"),
        [
            (name, gold, *hostile(unseen, hostile_share, right, gold))
            for name, hostile_share, right in (
                ("wrong in 60 %", 1.0, 0.4),
                ("60 % of users wrong in 80 %", 0.6, 0.2),
                ("60 % of users always wrong", 0.6, 0.0),
                ("at random", 1.0, 0.5),
                ("wrong in 80 %", 1.0, 0.2),
                ("80 % of users always wrong", 0.8, 0.0),
            )
            for gold in (0, GOLD)
        ],
    )


def _sybil_line(given: Answers, voters: int, each: int, kind: str, gold: int) -> tuple:
    found = [attacked(given, voters, each, kind, gold, np.random.default_rng(seed)) for seed in SEEDS]
    fitted = [one.fitted for one in found if one.fitted is not None]
    others = ("by_counts", "without_sybils", "inverted")
    means = [round(float(np.mean([getattr(one, name) for one in found])), 4) for name in others]
    loss = round(float(np.mean(fitted)), 4) if fitted else "-"
    return (voters, each, kind, gold, loss, len(found) - len(fitted), *means)


def attacked(given: Answers, voters: int, each: int, kind: str, gold: int, random: np.random.Generator) -> Losses:
    """What a share of sybils costs. gold: so many answers have a gold score that is right."""
    is_right = np.repeat(given.is_right, voters)
    honest = is_right == (random.random(len(is_right)) < RIGHT)
    users = users_of(len(is_right), random, each=each)
    is_sybil = (random.random(users.max() + 1) < SYBILS)[users]
    votes = np.where(is_sybil, ~is_right if kind == "inverse" else True, honest)
    scored = random.choice(len(given), gold, replace=False)
    with_, without = (_cast(given, users, one, scored) for one in (votes, honest))
    base = scores_of(without, given)
    if base is None:
        raise SystemExit("Honest users do not agree enough.")
    whole = auc(base, given.is_right)
    fitted = scores_of(with_, given)
    up_if_good = (1 - SYBILS) * RIGHT + SYBILS * (kind == "constant")
    up_if_bad = (1 - SYBILS) * (1 - RIGHT) + SYBILS
    counted = np.where(votes, np.log(up_if_good / up_if_bad), np.log((1 - up_if_good) / (1 - up_if_bad)))
    said = np.where(votes, 1.0, -1.0)
    believed = np.where(is_sybil, 0.0, said * logit(RIGHT))
    inverted = np.where(is_sybil & (kind == "inverse"), -_SURE * said, believed)
    by_oracle = [whole - auc(_totals(given, with_, steps), given.is_right) for steps in (counted, believed, inverted)]
    return Losses(None if fitted is None else whole - auc(fitted, given.is_right), *by_oracle)


def hostile(given: Answers, share: float, right: float, gold: int) -> tuple[int, int, int]:
    """In how many draws good answers score above bad ones, none scores, and bad ones score above good ones."""
    found = []
    for seed in SEEDS:
        for voters in (3, 10):
            random = np.random.default_rng(seed)
            is_right = np.repeat(given.is_right, voters)
            users = users_of(len(is_right), random)
            is_hostile = (random.random(users.max() + 1) < share)[users]
            votes = is_right == (random.random(len(is_right)) < np.where(is_hostile, right, RIGHT))
            scored = random.choice(len(given), gold, replace=False)
            scores = scores_of(_cast(given, users, votes, scored), given)
            found.append(None if scores is None else auc(scores, given.is_right) > 0.5)
    return found.count(True), found.count(None), found.count(False)


def _cast(given: Answers, users: np.ndarray, votes: np.ndarray, scored: np.ndarray) -> VoteArrays:
    sizes = np.full(len(given), len(votes) // len(given))
    return arrays_of(sizes, users, np.where(votes, 1.0, -1.0), scored, given)


def _totals(given: Answers, arrays: VoteArrays, steps: np.ndarray) -> np.ndarray:
    return rate_log_odds(given) + gold_log_odds(arrays) + np.bincount(arrays.events, steps, len(given))


if __name__ == "__main__":
    main()
