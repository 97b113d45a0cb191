from datetime import timedelta

import numpy as np
import pytest

from curation.choices import Strategy
from curation.strategies.diverse import NoEmbeddings
from curation.strategies.picks import Candidate, Rules
from curation.strategies.selection import select
from feedback.choices import SignalType
from tests.factories import NOON

UP, DOWN, REPORT = SignalType.THUMBS_UP, SignalType.THUMBS_DOWN, SignalType.REPORT
REGENERATE, COPY, SHARE = SignalType.REGENERATE, SignalType.COPY, SignalType.SHARE


def candidate(name, quality=None, *kinds, minutes=0, **fields):
    fields = {"prompt": f"prompt {name}", "response": f"response {name}", **fields}
    return Candidate(
        event_id=name,
        quality=quality,
        signals={kind: kinds.count(kind) for kind in kinds},
        occurred_at=NOON - timedelta(minutes=minutes),
        **fields,
    )


def edited(name, *, minutes=0, text="Better.", **fields):
    return candidate(name, 0.9, edited_response=text, edited_at=NOON - timedelta(minutes=minutes), **fields)


def far_apart(texts):
    """One direction per distinct text: no two prompts are alike."""
    names = sorted(set(texts))
    return np.eye(len(names), dtype=np.float32)[[names.index(text) for text in texts]]


def no_embedding(texts):
    raise AssertionError("nothing has to be embedded")


def chosen(candidates, *strategies, limit=100, embed=no_embedding, seed=0, **rules):
    picks = select(
        candidates,
        strategies=strategies or tuple(Strategy),
        limit=limit,
        rules=Rules(**rules),
        embed=embed,
        rng=np.random.default_rng(seed),
    )
    return [(pick.candidate.event_id, pick.strategy, round(pick.score, 4)) for pick in picks]


# The 13 events on which the original was run, with the defects of its rules left out: an edit without text is no edit,
# contradicted praise is no praise, and what was not scored is not hard.
ORIGINAL = [
    candidate("a", 0.9, UP),
    candidate("b", 0.95, COPY, SHARE),
    candidate("c", 0.85, SignalType.EDIT),
    candidate("d", 0.8, UP, DOWN),
    candidate("e", 0.99),
    candidate("f", 0.79, UP),
    candidate("g", 0.9, UP, REPORT, REGENERATE),
    candidate("h", None, UP),
    candidate("i", 0.5),
    candidate("j", 0.51),
    candidate("k", 0.9, REGENERATE),
    candidate("l", 0.2, DOWN, REPORT),
    candidate("m", None),
]


def test_high_quality_needs_a_score_and_uncontradicted_praise():
    assert chosen(ORIGINAL, Strategy.HIGH_QUALITY) == [
        ("b", Strategy.HIGH_QUALITY, 4.95),
        ("a", Strategy.HIGH_QUALITY, 3.9),
    ]


def test_hard_examples_are_poor_or_complained_about():
    assert chosen(ORIGINAL, Strategy.HARD_EXAMPLE) == [
        ("l", Strategy.HARD_EXAMPLE, 5.3),
        ("g", Strategy.HARD_EXAMPLE, 4.1),
        ("d", Strategy.HARD_EXAMPLE, 2.2),
        ("k", Strategy.HARD_EXAMPLE, 1.6),
        ("i", Strategy.HARD_EXAMPLE, 0.5),
    ]


def test_the_limit_is_the_total_and_the_strategies_share_it():
    assert chosen(ORIGINAL, limit=6, embed=far_apart) == [
        ("b", Strategy.HIGH_QUALITY, 4.95),
        ("a", Strategy.HIGH_QUALITY, 3.9),
        ("l", Strategy.HARD_EXAMPLE, 5.3),
        ("g", Strategy.HARD_EXAMPLE, 4.1),
        ("c", Strategy.DIVERSE, 1.0),
        ("e", Strategy.DIVERSE, 1.0),
    ]


@pytest.mark.parametrize(
    ("limit", "counts"),
    [(1, (1, 0, 0)), (2, (2, 0, 0)), (3, (2, 1, 0)), (4, (2, 1, 1)), (5, (2, 2, 1)), (6, (2, 2, 2)), (12, (2, 5, 5))],
)
def test_edits_come_first_and_the_rest_is_shared(limit, counts):
    candidates = [
        *(edited(f"edit {n}") for n in range(2)),
        *(candidate(f"praised {n}", 0.9, UP) for n in range(5)),
        *(candidate(f"poor {n}", 0.1) for n in range(5)),
    ]
    strategies = (Strategy.USER_EDIT, Strategy.HIGH_QUALITY, Strategy.HARD_EXAMPLE)

    picks = [strategy for _, strategy, _ in chosen(candidates, *strategies, limit=limit)]

    assert tuple(picks.count(strategy) for strategy in strategies) == counts


def test_slots_that_a_later_strategy_cannot_fill_go_back_to_an_earlier_one():
    candidates = [candidate(f"praised {n}", 0.9, UP, minutes=n) for n in range(4)] + [candidate("poor", 0.1)]

    picks = chosen(candidates, Strategy.HIGH_QUALITY, Strategy.HARD_EXAMPLE, limit=4)

    assert [name for name, _, _ in picks] == ["praised 0", "praised 1", "poor", "praised 2"]


def test_an_edited_answer_is_not_a_high_quality_example():
    candidates = [candidate("a", 0.95, UP, edited_response="Better.", edited_at=NOON)]

    assert chosen(candidates, Strategy.HIGH_QUALITY, Strategy.DIVERSE, embed=far_apart) == []
    assert chosen(candidates) == [("a", Strategy.USER_EDIT, 10.0)]


def test_edits_are_ranked_newest_first():
    candidates = [edited("old", minutes=9), edited("new", minutes=1), edited("middle", minutes=5)]

    assert [name for name, _, _ in chosen(candidates, limit=2)] == ["new", "middle"]


def test_the_same_content_is_kept_once_across_strategies():
    same = {"prompt": "Hi", "response": "Hello!"}
    candidates = [
        edited("edit", **same),
        candidate("praised", 0.9, UP, **same),
        candidate("poor", 0.1, **same),
        candidate("other answer", 0.9, UP, prompt="Hi", response="Good day!"),
        candidate("other conversation", 0.9, UP, messages='[{"role": "user", "content": "Hi"}]', **same),
    ]

    assert sorted(name for name, _, _ in chosen(candidates)) == ["edit", "other answer", "other conversation"]


def test_an_empty_answer_can_be_hard_but_never_good():
    candidates = [candidate("a", 0.9, UP, response=" "), candidate("b", 0.1, response="")]

    assert chosen(candidates, embed=far_apart) == [("b", Strategy.HARD_EXAMPLE, 0.9)]


def test_diverse_takes_prompts_far_from_each_other_and_from_the_others():
    at = {
        "praised": [1, 0, 0],
        "twin": [0.99, 0.1411, 0],
        "north": [0, 1, 0],
        "near north": [0.1, 0.995, 0],
        "up": [0, 0, 1],
    }
    candidates = [candidate("praised", 0.9, UP, prompt="praised")]
    candidates += [candidate(name, 0.7, prompt=name) for name in ("twin", "north", "near north", "up")]

    picks = chosen(
        candidates,
        Strategy.HIGH_QUALITY,
        Strategy.DIVERSE,
        embed=lambda texts: np.array([at[text] for text in texts], dtype=np.float32),
    )

    assert picks == [
        ("praised", Strategy.HIGH_QUALITY, 3.9),
        ("north", Strategy.DIVERSE, 1.0),
        ("up", Strategy.DIVERSE, 1.0),
    ]


@pytest.mark.parametrize(
    ("other", "taken"),
    [
        (candidate("x", 0.51), True),
        (candidate("x", 0.5), False),
        (candidate("x", None), False),
        (candidate("x", 0.9, DOWN), False),
        (candidate("x", 0.9, REGENERATE), False),
    ],
)
def test_diverse_has_a_quality_floor_and_excludes_complaints(other, taken):
    picks = chosen([other], Strategy.DIVERSE, embed=far_apart)

    assert [name for name, _, _ in picks] == (["x"] if taken else [])


def test_the_same_seed_gives_the_same_picks():
    candidates = [candidate(str(n), 0.7) for n in range(60)]

    first = chosen(candidates, Strategy.DIVERSE, limit=5, embed=far_apart, diverse_pool=20, seed=4)

    assert first == chosen(candidates, Strategy.DIVERSE, limit=5, embed=far_apart, diverse_pool=20, seed=4)
    assert first != chosen(candidates, Strategy.DIVERSE, limit=5, embed=far_apart, diverse_pool=20, seed=5)


def test_no_vectors_and_a_failing_client_are_errors():
    def fails(texts):
        raise TimeoutError("embedding server")

    with pytest.raises(NoEmbeddings):
        chosen([candidate("a", 0.9)], embed=lambda texts: np.empty((len(texts), 0), dtype=np.float32))
    with pytest.raises(TimeoutError):
        chosen([candidate("a", 0.9)], embed=fails)


@pytest.mark.parametrize(
    ("example", "reason"),
    [
        (candidate("a", 0.9, UP, UP, COPY), "Quality 0.90 with 2 thumbs up and 1 copy."),
        (candidate("a", 0.9, UP, COPY, SHARE, SHARE), "Quality 0.90 with 1 thumbs up, 1 copy and 2 shares."),
        (candidate("a", 0.31, REPORT), "Quality 0.31 with 1 report."),
        (candidate("a", 0.31), "Quality 0.31."),
        (candidate("a", None, REGENERATE, REGENERATE), "Not scored, with 2 regenerations."),
        (edited("a"), "A user rewrote the answer on 2026-05-04."),
    ],
)
def test_the_reason_is_a_sentence(example, reason):
    picks = select(
        [example],
        strategies=list(Strategy),
        limit=1,
        rules=Rules(),
        embed=no_embedding,
        rng=np.random.default_rng(0),
    )

    assert [pick.reason for pick in picks] == [reason]
