"""Measures how many rows a build keeps of near-copies: `python -m benchmarks.near_copies_built`.

Each original is sent with six near-copies: in capitals, with other punctuation, twice with one word changed and twice
with two, in prompt and answer each. Four users vote on each, nineteen times in twenty for it, so chance decides which
row of an original comes first. As many other answers have votes against them. The originals are random words, and
answers of four words and more of one model in alpaca_eval_multimodel, if the data is there.
"""

import random
import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks import built_sets, labelled_data
from benchmarks.built_sets import Traffic
from benchmarks.labelled_data import print_table
from benchmarks.rollups import prepared_database

ORIGINALS = 150
MODEL = "gpt4_1106_preview"
LIMIT = 10_000
VOTES, GOOD = 4, 0.95
KINDS = ("capitals", "punctuation", "one word", "one word", "two words", "two words")
STRATEGIES = ("high_quality", "diverse", "user_edit")
Texts = Sequence[tuple[str, str]]


def main() -> None:
    with prepared_database():
        header = (
            "texts",
            "strategy",
            "originals",
            "copies",
            "rows",
            "rows an original",
            "exported again",
            "rows of a second run",
        )
        print_table("Near-copies, six of each original", header, list(measured()))


def measured() -> Iterator[tuple]:
    yield from _built("random words", random_texts(np.random.default_rng(7)))
    if labelled_data.data_folder().is_dir():
        yield from _built("instructions", instructions())


def random_texts(draws: np.random.Generator) -> Texts:
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    vocabulary = np.array(["".join(draws.choice(letters, length)) for length in draws.integers(2, 10, 5_000)])
    sizes = zip(draws.integers(6, 40, ORIGINALS), draws.integers(10, 80, ORIGINALS), strict=True)
    return [
        (" ".join(draws.choice(vocabulary, one)), " ".join(draws.choice(vocabulary, other))) for one, other in sizes
    ]


def instructions() -> Texts:
    """Those of one half, by a hash; the rule for short texts was tuned on the other."""
    return [
        (row["prompt"], row["response"])
        for row in labelled_data.rows("alpaca_eval_multimodel")
        if row["model"] == MODEL and len(row["response"].split()) >= 4 and zlib.crc32(row["prompt"].encode()) % 2
    ][:ORIGINALS]


def _built(name: str, texts: Texts) -> Iterator[tuple]:
    for strategy in STRATEGIES:
        traffic = _traffic(f"{name} {strategy}".replace(" ", "-"), texts, is_edited=strategy == "user_edit")
        built_sets.send(traffic)
        wanted = {"limit": LIMIT, "strategies": [strategy]}
        curated_set = built_sets.build(traffic.deployment_id, **wanted)
        taken = built_sets.taken(curated_set).get((strategy, False), set())
        built_sets.export(curated_set)
        again = built_sets.build(traffic.deployment_id, only_new=True, **wanted)
        second = built_sets.taken(again).get((strategy, False), set())
        rows = len(taken), len(taken) / len(texts), len(taken & second), len(second)
        yield name, strategy, len(texts), len(texts) * len(KINDS), *rows


def _traffic(deployment_id: str, texts: Texts, *, is_edited: bool) -> Traffic:
    """Events of originals and copies, each with votes, or with an edit that makes the answer of a draft."""
    draws = random.Random(11)
    vocabulary = sorted({word for pair in texts for text in pair for word in text.split() if word.isalpha()})
    rows = [
        (copied(prompt, kind, vocabulary, draws), copied(answer, kind, vocabulary, draws))
        for prompt, answer in texts
        for kind in ("", *KINDS)
    ]
    traffic = Traffic(deployment_id)
    rows = draws.sample(rows, len(rows))
    if is_edited:
        for number, (prompt, answer) in enumerate(rows):
            event_id = traffic.event(prompt, f"Draft: {answer[: len(answer) // 2]}")
            traffic.signal(event_id, "edit", f"editor {number}", edited_response=answer)
        return traffic
    ids = [traffic.event(*row) for row in rows]
    ids += [traffic.event(f"{prompt} {number}", f"{number} is no answer.") for number, (prompt, _) in enumerate(rows)]
    chance = np.random.default_rng(11)
    share_for = np.repeat([GOOD, 1 - GOOD], len(rows))[:, None]
    traffic.votes(ids, (chance.random((len(ids), VOTES)) < share_for).astype(float), chance)
    return traffic


def copied(text: str, kind: str, vocabulary: Sequence[str], draws: random.Random) -> str:
    """A near-copy; words that are changed are of letters alone, and do not negate."""
    if kind == "capitals":
        return text.upper()
    if kind == "punctuation":
        return text.replace(",", "").rstrip(".?!") + "..."
    words = text.split(" ")
    plain = [at for at, word in enumerate(words) if word.isalpha() and word.lower() not in ("no", "not", "never")]
    wanted = {"one word": 1, "two words": 2}.get(kind, 0)
    for at in draws.sample(plain, min(wanted, len(plain))):
        words[at] = draws.choice(vocabulary)
    return " ".join(words)


if __name__ == "__main__":
    main()
