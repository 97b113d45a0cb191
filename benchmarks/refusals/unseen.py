"""Sentences in twelve languages that were written apart from the check. Which kinds it missed guided more examples.

A file has one line of each kind, in this order, labelled as in `examples`; `\\n` stands for a new line. The sentences
of a kind are close to one another in the languages, so the interval of F1 draws kinds anew, not sentences.
"""

from collections.abc import Callable, Iterator

from benchmarks import measured
from benchmarks.refusals.examples import unseen_examples

REFUSALS = (
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
)
ANSWERS = (
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
)
KINDS = REFUSALS + ANSWERS

Refuses = Callable[[str], bool]


def language_lines(refuses: Refuses) -> Iterator[tuple]:
    examples = unseen_examples()
    for language in [*sorted({example.language for example in examples}), "all"]:
        chosen = [example for example in examples if language in (example.language, "all")]
        labels = [example.refusal != "none" for example in chosen]
        found = [refuses(example.text) for example in chosen]
        yield measured.line(language, labels, found, [example.line for example in chosen])


def kind_lines(refuses: Refuses) -> Iterator[tuple]:
    """Of each kind, how many languages are judged right."""
    examples = unseen_examples()
    right = [refuses(example.text) == (example.refusal != "none") for example in examples]
    for line, kind in enumerate(KINDS):
        chosen = [hit for example, hit in zip(examples, right, strict=True) if example.line == line]
        yield kind, len(chosen), sum(chosen)
