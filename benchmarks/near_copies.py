"""Measures how near-copies are found, in memory and in the database: `python -m benchmarks.near_copies`.

Texts of 28 random words, 180 characters on average. A quarter are copies of others: equal, in other case and
punctuation, or with one word of prompt and answer changed. A false flag is a text that is no copy and is found as one.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.labelled_data import print_table
from benchmarks.rollups import prepared_database

ROWS, MEMBERS = 20_000, 200_000
WORDS, WORDS_EACH = 20_000, 28
KINDS = ("equal", "case and punctuation", "one word")
COPIES = 0.25
DEPLOYMENT = "helpdesk"
HEADER = ("comparison", "rows", "against", "seconds", *(f"found: {kind}" for kind in KINDS), "false flags")
Line = tuple[str | int | float, ...]


@dataclass(frozen=True)
class Planted:
    """Rows of which the last are copies of the first; `kinds`: which kind each copy is, and `originals`: of which."""

    prompts: list[str]
    answers: list[str]
    originals: np.ndarray
    kinds: np.ndarray

    @property
    def own(self) -> int:
        return len(self.prompts) - len(self.kinds)


def main() -> None:
    print_table("Near-copies", HEADER, measure(ROWS, MEMBERS))


def measure(rows: int, members: int) -> list[Line]:
    with prepared_database():
        planted = planted_rows(rows, np.random.default_rng(7))
        return [_in_rank_order(planted), _among_many(planted, members), *_in_the_database(planted)]


def planted_rows(rows: int, random: np.random.Generator) -> Planted:
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    vocabulary = np.array(["".join(random.choice(letters, length)) for length in random.integers(2, 10, WORDS)])
    copies = int(rows * COPIES)
    prompts, answers = (_texts(vocabulary, rows - copies, random) for _ in range(2))
    originals, kinds = random.integers(0, rows - copies, copies), np.arange(copies) % len(KINDS)
    for texts in (prompts, answers):
        texts += [
            _copy(texts[original], KINDS[kind], vocabulary, random)
            for original, kind in zip(originals, kinds, strict=True)
        ]
    return Planted(prompts, answers, originals, kinds)


def _texts(vocabulary: np.ndarray, size: int, random: np.random.Generator) -> list[str]:
    return [" ".join(words) for words in vocabulary[random.integers(0, len(vocabulary), (size, WORDS_EACH))]]


def _copy(text: str, kind: str, vocabulary: np.ndarray, random: np.random.Generator) -> str:
    if kind == "equal":
        return text
    if kind == "case and punctuation":
        return f"{text.capitalize()}, really?".replace(", really", " ")
    words = text.split()
    words[random.integers(len(words))] = str(random.choice(vocabulary))
    return " ".join(words)


def _in_rank_order(planted: Planted) -> Line:
    from curation.choices import LinkKind  # noqa: PLC0415 - needs django.setup
    from curation.duplicates.near_copies import NearCopies  # noqa: PLC0415
    from curation.duplicates.signed_rows import sign  # noqa: PLC0415

    begun = time.perf_counter()
    rows = sign(planted.prompts, planted.answers)
    matches = NearCopies().place(rows, range(len(rows)))
    seconds = time.perf_counter() - begun
    is_found = np.array([match is not None and match.kind == LinkKind.DROPPED for match in matches])
    return "candidates in rank order, in memory", len(rows), len(rows), seconds, *shares(planted, is_found)


def _among_many(planted: Planted, members: int) -> Line:
    """Prompts of all rows against those of the rows that are no copies, among random signatures."""
    from curation.duplicates.near_pairs import near_pairs  # noqa: PLC0415 - needs django.setup
    from feedback.signatures import signatures  # noqa: PLC0415

    others = np.random.default_rng(11).integers(0, 2**32, (members - planted.own, 128), dtype=np.uint32)
    stored = np.concatenate([signatures(planted.prompts[: planted.own]), others])
    begun = time.perf_counter()
    found = near_pairs(stored, signatures(planted.prompts))
    seconds = time.perf_counter() - begun
    is_found = np.zeros(len(planted.prompts), bool)
    is_found[found.queries[found.queries != found.members]] = True
    return "prompts among signatures, in memory", len(planted.prompts), members, seconds, *shares(planted, is_found)


def _in_the_database(planted: Planted) -> Iterator[Line]:
    """As many rows of sets as candidates: those that are originals, and others. Then candidates, copies and others."""
    from curation.choices import LinkKind  # noqa: PLC0415 - needs django.setup
    from curation.duplicates import known_rows  # noqa: PLC0415
    from curation.duplicates.earlier_rows import near_rows_of_sets  # noqa: PLC0415
    from curation.duplicates.signed_rows import sign  # noqa: PLC0415

    size = len(planted.prompts)
    others = planted_rows(2 * size, np.random.default_rng(13))
    examples = _stored(planted, others, size)
    begun = time.perf_counter()
    known_rows.store(DEPLOYMENT, examples)
    yield "rows of sets made known", size, 0, time.perf_counter() - begun, *("",) * 4

    copies = slice(planted.own, None)
    fresh = slice(size - planted.own, size)
    prompts = [*others.prompts[fresh], *planted.prompts[copies]]
    answers = [*others.answers[fresh], *planted.answers[copies]]
    begun = time.perf_counter()
    found = near_rows_of_sets(DEPLOYMENT, sign(prompts, answers))
    seconds = time.perf_counter() - begun
    is_found = np.array([match is not None and match.kind == LinkKind.DROPPED for match in found.matches])
    yield "candidates against rows of sets, in SQL", size, size, seconds, *shares(planted, is_found)


def _stored(planted: Planted, others: Planted, size: int) -> list:
    from django.utils import timezone  # noqa: PLC0415 - needs django.setup

    from curation.choices import Strategy  # noqa: PLC0415
    from curation.models import CuratedExample, CuratedSet  # noqa: PLC0415
    from feedback.models import Deployment  # noqa: PLC0415

    Deployment.objects.create(pk=DEPLOYMENT)
    strategies = [Strategy.HIGH_QUALITY]
    curated_set = CuratedSet.objects.create(
        deployment_id=DEPLOYMENT, name="earlier", version=1, strategies=strategies, limit=size
    )
    prompts = [*planted.prompts[: planted.own], *others.prompts[: size - planted.own]]
    answers = [*planted.answers[: planted.own], *others.answers[: size - planted.own]]
    examples = [
        CuratedExample(
            curated_set=curated_set,
            position=at,
            event_id=f"00000000-0000-7000-8000-{at:012x}",
            strategy=Strategy.HIGH_QUALITY,
            score=1.0,
            prompt=prompt,
            response=answer,
            occurred_at=timezone.now(),
        )
        for at, (prompt, answer) in enumerate(zip(prompts, answers, strict=True))
    ]
    return CuratedExample.objects.bulk_create(examples, batch_size=2_000)


def shares(planted: Planted, is_found: np.ndarray) -> tuple[float | int, ...]:
    """The share of each kind of copy that was found, and how many of the rows before the copies were."""
    copies = is_found[-len(planted.kinds) :]
    shares = [float(copies[planted.kinds == kind].mean()) for kind in range(len(KINDS))]
    return *shares, int(is_found[: planted.own].sum())


if __name__ == "__main__":
    main()
