"""Sentences in twelve languages that were written apart from the check, to measure it by language and by kind.

Those of `UNSEEN` guided no tuning; those of `DEVELOPMENT` were read while the check was tuned, though not learnt from.
A file has the lines of each kind in the order of the kinds, labelled as in `examples`; `\\n` stands for a new line. The
sentences of a line are close to one another in the languages, so the interval of F1 resamples lines, not sentences.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks import measured
from benchmarks.refusals.examples import Example, sentence_examples

Refuses = Callable[[str], bool]


@dataclass(frozen=True)
class Sentences:
    """A folder of sentences; a kind stands as often as it has lines, those that refuse first."""

    folder: str
    refusals: tuple[str, ...]
    answers: tuple[str, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        return self.refusals + self.answers

    def examples(self) -> list[Example]:
        return sentence_examples(self.folder)


def _each(*kinds: str, lines: int) -> tuple[str, ...]:
    return tuple(kind for kind in kinds for _ in range(lines))


UNSEEN = Sentences(
    "unseen",
    (
        *_each("active", "passive", "policy", "capability", lines=2),
        *("terse", "colloquial", "apology"),
        *_each("advice", "help, then refusal", lines=2),
        "offer, but refusal",
    ),
    (
        *_each("rule of a shop", "draft", "quotation", "code or log", "idiom", "translation", lines=2),
        *("apology for a delay", "fact", "doubt", "about refusing"),
    ),
)

DEVELOPMENT = Sentences(
    "development",
    (
        "active",
        "passive",
        "policy",
        "capability",
        "terse",
        "colloquial",
        "formal",
        "lower case",
        "we",
        "this request",
        "apology",
        "no apology",
        "offer, but refusal",
        "help, then refusal",
        "advice",
        "taste",
    ),
    (
        "rule of a shop",
        "draft",
        "quotation",
        "code",
        "idiom",
        "translation",
        "apology for a delay",
        "log",
        "fact",
        "about refusing",
        "warning",
        "enthusiasm",
        "doubt",
        "story",
        "mathematics",
        "sympathy",
    ),
)


def language_lines(sentences: Sentences, refuses: Refuses) -> Iterator[tuple]:
    examples = sentences.examples()
    for language in [*sorted({example.language for example in examples}), "all"]:
        chosen = [example for example in examples if language in (example.language, "all")]
        labels = [example.refusal != "none" for example in chosen]
        found = [refuses(example.text) for example in chosen]
        yield measured.line(language, labels, found, [example.line for example in chosen])


def kind_lines(sentences: Sentences, refuses: Refuses) -> Iterator[tuple]:
    """Of each kind, how many sentences are judged right."""
    right: dict[str, list[bool]] = {}
    for example in sentences.examples():
        hit = refuses(example.text) == (example.refusal != "none")
        right.setdefault(sentences.kinds[example.line], []).append(hit)
    for kind in dict.fromkeys(sentences.kinds):
        yield kind, len(right[kind]), sum(right[kind])
