"""Measures the sets that a build selects: `python -m benchmarks.selection`.

Events and signals go through ingestion, evidence and the build on PostgreSQL. Votes are drawn. Nothing was tuned on the
questions of odd number of correctness_gsm8k_models and alpaca_eval_multimodel.
"""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

import numpy as np

from benchmarks import built_sets
from benchmarks.built_sets import Traffic
from benchmarks.labelled_data import print_table, require_data, rows
from benchmarks.rollups import prepared_database
from feedback.statistics.intervals import wilson

RIGHT = 0.8
WELL_VOTED = 10
LIMIT = 10_000
GOOD = {"gpt4_1106_preview": 0.9, "claude-2": 0.85}
# The constant answer has the judge's highest preference and is worth nothing.
BAD = {"text_davinci_003": 0.4, "falcon-7b-instruct": 0.3, "NullModel": 0.3}
VOTED, VOTES = 0.5, 3
Line = tuple[str, int, float, str]


def main() -> None:
    require_data()
    with prepared_database():
        for most in (20, 6):
            print_table(
                f"Answers to arithmetic, 0 to {most} voters who are right four times in five, odd questions",
                ("figure", "n", "value", "95 % interval"),
                list(arithmetic(most)),
            )
        print_table(
            f"Answers of good and bad models under one version, {VOTES} votes on {VOTED:.0%} of the events",
            ("set", "strategy", "part", "rows", "of good models", "95 % interval", "constant"),
            list(models()),
        )


def arithmetic(most: int, **wanted) -> Iterator[Line]:
    """The figures of the set, and why prompts with a right answer are not in it."""
    random = np.random.default_rng(most)
    traffic = Traffic(f"arithmetic-{most}")
    answers = [row for row in rows("correctness_gsm8k_models") if row["question_id"] % 2]
    ids = [traffic.event(row["prompt"], row["response"], version=row["model"]) for row in answers]
    is_right = np.array([bool(row["is_correct"]) for row in answers])
    voters = random.integers(0, most + 1, len(answers))
    traffic.votes(ids, honest_votes(is_right, voters, random), random)
    built_sets.send(traffic)
    curated_set = built_sets.build(traffic.deployment_id, limit=LIMIT, **wanted)
    found = built_sets.taken(curated_set)
    taken = {at for at, one in enumerate(ids) if one in found["high_quality", False]}
    hard = {at for at, one in enumerate(ids) if one in found["hard_example", True]}
    asked = {answers[at]["question_id"] for at in np.flatnonzero(is_right)}
    covered = {answers[at]["question_id"] for at in taken} & asked
    well_voted = set(np.flatnonzero(is_right & (voters >= WELL_VOTED)).tolist())
    yield share_line("prompts with a right answer that are in high_quality", len(covered), len(asked))
    yield share_line("rows of high_quality that are right", sum(is_right[at] for at in taken), len(taken))
    if well_voted:
        yield share_line(
            "right answers of 10 votes and more that wait as hard", len(hard & well_voted), len(well_voted)
        )
    yield from _lost(curated_set, traffic, answers, covered, asked)


def honest_votes(is_good: np.ndarray, voters: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A row of votes an answer, NaN beyond its voters."""
    says = is_good[:, None] == (random.random((len(is_good), max(voters.max(), 1))) < RIGHT)
    return np.where(np.arange(says.shape[1]) < voters[:, None], says, np.nan)


def _lost(curated_set, traffic: Traffic, answers: Sequence[Mapping], covered: set, asked: set) -> Iterator[Line]:
    """Why a prompt has no row: the outcome of its answer that came farthest."""
    from curation.choices import Outcome, Strategy  # noqa: PLC0415 - needs django.setup
    from curation.sets import tracing  # noqa: PLC0415

    counts: dict[str, int] = {}
    order = [Outcome.NEAR_COPY, Outcome.SIMILAR, Outcome.ONE_PERSON, Outcome.OVER_LIMIT, Outcome.TAKEN]
    outcomes: dict[int, set[str]] = {}
    for row, event in zip(answers, traffic.events, strict=True):
        found = tracing.find(curated_set.pk, UUID(event["id"])) if row["question_id"] in asked - covered else None
        if found:
            outcomes.setdefault(row["question_id"], set()).add(found[Strategy.HIGH_QUALITY][0])
    for some in outcomes.values():
        name = next((one for one in order if one in some), "below the floor or stopped by a gate")
        counts[str(name)] = counts.get(str(name), 0) + 1
    for name, count in sorted(counts.items()):
        yield share_line(f"prompts lost: {name}", count, len(asked))


def models() -> Iterator[tuple]:
    """Shares of good models' answers in sets of one strategy, and of both."""
    random = np.random.default_rng(7)
    traffic = Traffic("models")
    wanted = GOOD | BAD
    answers = [
        row for row in rows("alpaca_eval_multimodel") if row["prompt_idx"] % 2 and wanted.keys() >= {row["model"]}
    ]
    order = random.permutation(len(answers))
    answers = [answers[at] for at in order]
    ids = [traffic.event(row["prompt"], row["response"]) for row in answers]
    rates = np.array([wanted[row["model"]] for row in answers])
    votes = (random.random((len(answers), VOTES)) < rates[:, None]).astype(float)
    votes[random.random(len(answers)) >= VOTED] = np.nan
    traffic.votes(ids, votes, random)
    built_sets.send(traffic)
    by_id = {one: row["model"] for one, row in zip(ids, answers, strict=True)}
    for name, strategies in (
        ("high_quality", ["high_quality"]),
        ("diverse", ["diverse"]),
        ("both", ["high_quality", "diverse"]),
    ):
        found = built_sets.taken(built_sets.build("models", limit=400, strategies=strategies))
        for (strategy, waits), some in sorted(found.items()):
            good = sum(by_id[one] in GOOD for one in some)
            low, high = wilson(good, len(some))
            constant = sum(by_id[one] == "NullModel" for one in some)
            part = "queue" if waits else "examples"
            yield name, strategy, part, len(some), good / len(some), f"{low:.3f} to {high:.3f}", constant


def share_line(name: str, count: int, n: int) -> Line:
    """A share with its interval."""
    low, high = wilson(count, n)
    return name, n, count / n if n else float("nan"), f"{low:.3f} to {high:.3f}"


if __name__ == "__main__":
    main()
