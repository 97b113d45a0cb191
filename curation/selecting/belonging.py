"""Whether the answer that a conversation has fits it, or could as well be the answer of another conversation."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from curation.selecting.text_classes import HeldOutClasses, word_features

# Fewer answers, or fewer of a kind, say nothing about what is usual.
LEAST_ANSWERS, LEAST_OF_KIND = 100, 5
MOST_KINDS = 50
ROUNDS = 3
# Conversations with which each answer is compared by chance.
_DRAWS = 3
_STEPS = 20
_LEAST_SHARE = 0.01
# No single prediction is surer than this.
_LEAST_PROBABILITY = 1e-3
# An argument whose values are found so often is expected to be found.
_EXPECTED = 0.5


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer and what came before it; all texts are normalised.

    kind: the names of the tools that it calls, or "". recent: the last messages. conversation: all messages, with a
    space at both ends. arguments: values by name. group: of answers that may not judge each other.
    """

    kind: str
    recent: str
    conversation: str
    group: str
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Belonging:
    """probability: that the kind of an answer is right, and its values if they can be compared, 0 to 1.

    expected: the most probable kind. absent: the arguments whose values are usually in the conversation, here not.
    """

    probability: float
    expected: str
    absent: tuple[str, ...]


def belongings(answers: Sequence[Answered], *, rng: np.random.Generator) -> list[Belonging | None]:
    """Judge which answers fit their conversations, by what is usual in all of them.

    Parameters
    ----------
    answers : sequence of Answered
        Answers of one deployment, right ones and wrong ones.
    rng : numpy.random.Generator
        Draws other conversations.

    Returns
    -------
    list of Belonging or None
        In the same order. None where nothing can be compared: below LEAST_ANSWERS answers or two kinds, and for kinds
        below LEAST_OF_KIND answers or beyond the MOST_KINDS most frequent.

    Notes
    -----
    Two things are seen of an answer: its kind, and which values of its arguments are in the conversation. Of an answer
    that is the conversation's own, the kind follows a logistic regression on the last messages, fitted to other groups;
    of any other one it follows the kinds of all answers. How often a value of an argument is found in a conversation
    that it does not belong to is counted in conversations drawn at random; how often in its own, and the share of
    answers that are their conversation's own, is estimated by expectation maximisation. The regression is then fitted
    again to answers weighted by their probabilities. In clean traffic the share is near 1, and nearly all answers fit.
    An answer without values that its conversation should hold may be another one's and still have the right kind.

    References
    ----------
    Northcutt, Jiang and Chuang (2021), Journal of Artificial Intelligence Research 70, 1373-1411.
    Dawid and Skene (1979), Applied Statistics 28(1), 20-28.

    Examples
    --------
    >>> asked = {"find": "food in", "book": "a table at"}
    >>> given = [(kind, f"{asked[kind]} name{at}", at) for at in range(60) for kind in asked]
    >>> answers = [Answered(kind, text, f" {text} ", str(at), {"what": f"name{at}"}) for kind, text, at in given]
    >>> wrong = Answered("book", "food in rome", " food in rome ", "x", {"what": "name7"})
    >>> found = belongings([*answers, wrong], rng=np.random.default_rng(1))
    >>> found[0].probability > 0.9, found[-1].probability < 0.1, found[-1].expected, found[-1].absent
    (True, True, 'find', ('what',))
    """
    kinds = _frequent([answer.kind for answer in answers])
    compared = [at for at, answer in enumerate(answers) if answer.kind in kinds]
    found: list[Belonging | None] = [None] * len(answers)
    if len(compared) < LEAST_ANSWERS or len(kinds) < 2:
        return found
    for at, one in zip(compared, _judged([answers[at] for at in compared], kinds, rng), strict=True):
        found[at] = one
    return found


def _frequent(kinds: Sequence[str]) -> list[str]:
    return [kind for kind, count in Counter(kinds).most_common(MOST_KINDS) if count >= LEAST_OF_KIND]


class _Values:
    """Which values of arguments are in the conversation: one row for each, with the answer and the argument."""

    def __init__(self, answers: Sequence[Answered], rng: np.random.Generator):
        self.names: dict[tuple[str, str], int] = {}
        self.answer, self.argument, self.is_found = self._compared(answers, range(len(answers)))
        drawn = [self._compared(answers, rng.permutation(len(answers)).tolist()) for _ in range(_DRAWS)]
        _, argument, is_found = (np.concatenate(parts) for parts in zip(*drawn, strict=True))
        self._size, self._count = len(answers), len(self.names)
        self.elsewhere = self._rates(argument, is_found, np.ones(len(argument)))

    def _compared(
        self, answers: Sequence[Answered], others: Sequence[int]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows = [
            (
                at,
                self.names.setdefault((answer.kind, name), len(self.names)),
                f" {value} " in answers[other].conversation,
            )
            for at, (answer, other) in enumerate(zip(answers, others, strict=True))
            if at == other or answer.group != answers[other].group
            for name, value in answer.arguments.items()
        ]
        at, argument, is_found = zip(*rows, strict=True) if rows else ((), (), ())
        return np.array(at, dtype=int), np.array(argument, dtype=int), np.array(is_found, dtype=bool)

    def _rates(self, argument: np.ndarray, is_found: np.ndarray, weights: np.ndarray) -> np.ndarray:
        total = np.bincount(argument, weights, self._count)
        return (1 + np.bincount(argument, weights * is_found, self._count)) / (2 + total)

    def rates(self, belonging: np.ndarray) -> np.ndarray:
        """How often the values of each argument are found in their own conversation."""
        return np.maximum(self._rates(self.argument, self.is_found, belonging[self.answer]), self.elsewhere)

    def log_ratios(self, rates: np.ndarray) -> np.ndarray:
        """How much what was found speaks for each answer."""
        found, absent = np.log(rates / self.elsewhere), np.log((1 - rates) / (1 - self.elsewhere))
        each = np.where(self.is_found, found[self.argument], absent[self.argument])
        return np.bincount(self.answer, each, self._size)

    def are_expected(self, rates: np.ndarray) -> np.ndarray:
        """Whether an answer has a value that its conversation should hold."""
        return np.bincount(self.answer, rates[self.argument] >= _EXPECTED, self._size) > 0

    def absent(self, rates: np.ndarray) -> dict[int, tuple[str, ...]]:
        names = [name for _, name in self.names]
        found: dict[int, tuple[str, ...]] = {}
        for at, argument in zip(self.answer[~self.is_found].tolist(), self.argument[~self.is_found], strict=True):
            if rates[argument] >= _EXPECTED:
                found[at] = (*found.get(at, ()), names[argument])
        return found


def _judged(answers: Sequence[Answered], kinds: Sequence[str], rng: np.random.Generator) -> list[Belonging]:
    classes, values = np.array([kinds.index(answer.kind) for answer in answers]), _Values(answers, rng)
    regression = HeldOutClasses(
        word_features([answer.recent for answer in answers]), classes, len(kinds), [answer.group for answer in answers]
    )
    usual = np.bincount(classes, minlength=len(kinds)) / len(classes)
    belonging, share = np.ones(len(answers)), 0.8
    for _ in range(ROUNDS):
        expected = regression.probabilities(belonging)
        own = np.maximum(expected[np.arange(len(classes)), classes], _LEAST_PROBABILITY)
        by_kind = np.log(own / usual[classes])
        for _ in range(_STEPS):
            rates = values.rates(belonging)
            belonging = _share_of(by_kind + values.log_ratios(rates) + np.log(share / (1 - share)))
            share = float(np.clip(belonging.mean(), _LEAST_SHARE, 1 - _LEAST_SHARE))
    absent, likeliest = values.absent(rates), expected.argmax(axis=1)
    right = belonging + (1 - belonging) * own * ~values.are_expected(rates)
    return [
        Belonging(float(probability), kinds[likeliest[at]], absent.get(at, ())) for at, probability in enumerate(right)
    ]


def _share_of(log_odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(log_odds, -500, 500)))
