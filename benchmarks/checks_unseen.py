"""Measures the checks on what they did not learn from: `python -m benchmarks.checks_unseen`.

Only the tables of what guided nothing are free of choice; the others were looked at while the checks were tuned.
The refusal check learns from XSTest, so each of its answers is judged with weights that saw neither its model nor its
prompt.
"""

import random
import time
from collections.abc import Iterable, Iterator, Sequence

from benchmarks import former_checks, measured, unseen_loops
from benchmarks.drawn_loops import LOOPS
from benchmarks.former_checks import refusal as former_refusal
from benchmarks.former_checks import repetition as former_repetition
from benchmarks.labelled_data import half, print_table, require_data, rows
from benchmarks.quality_checks import agreement
from benchmarks.refusals import training, unseen
from benchmarks.refusals.examples import held_out_examples
from benchmarks.regular_answers import REGULAR
from feedback.quality.answers import Answer
from feedback.quality.checks import refusal
from feedback.quality.checks.base import Check, Context
from feedback.quality.checks.format import is_json
from feedback.quality.checks.repetition import repetition
from feedback.quality.profiles import PROFILES

_SEEDS = 50
_LARGEST = 0.5
_ORDINARY = {
    "arena_hard_real_prompts": "response",
    "correctness_gsm8k_models": "response",
    "ratings_feedbackqa": "answer",
    "ifeval_format": "response",
    "ifeval_multilingual": "response",
}
_LEARNT_IN_PART = ("ifeval_format", "ifeval_multilingual")


def main() -> None:
    require_data()
    header = ("judged", "answers", "precision", "recall", "F1")
    print_table("Refusal, full or partial, on models and prompts not trained on", header, list(xstest_lines()))
    print_table("Refusal on Do-Not-Answer", header, list(_do_not_answer_lines()))
    print_table("Refusal by language, sentences not trained on", header, list(language_lines()))
    _print_sentences(unseen.UNSEEN, "sentences that guided nothing")
    _print_sentences(unseen.DEVELOPMENT, "sentences read while tuning")
    print_table("Repetition, half not tuned on", header, list(repetition_lines()))
    print_table("Repetition, answers that guided nothing", measured.HEADER, list(unseen_loop_lines()))
    print_table("Regular answers and loops", ("kind", "drawn", "called loops"), list(kind_lines()))
    print_table(
        "Ordinary answers",
        ("set", "answers", "refusals before", "refusals", "loops before", "loops"),
        list(ordinary_lines()),
    )
    print_table("JSON, RFC 8259", ("cases", "right"), [json_line()])
    print_table("Processor time of all checks", ("answers", "before, µs", "now, µs", "share"), list(cpu_lines()))


def _print_sentences(sentences: unseen.Sentences, title: str) -> None:
    for name, find in (("", refusal.find_refusal), (", before", former_refusal.find_refusal)):
        lines = list(unseen.language_lines(sentences, lambda text, find=find: find(text).extent != "none"))
        print_table(f"Refusal by language, {title}{name}", measured.HEADER, lines)
    kinds = list(unseen.kind_lines(sentences, lambda text: refusal.find_refusal(text).extent != "none"))
    print_table("The same by kind", ("kind", "sentences", "right"), kinds)


def xstest_lines() -> Iterator[tuple]:
    answers = list(rows("refusal_xstest"))
    logits = training.crossfitted_logits(answers)
    found = [
        refusal.judged_by(row["response"], logit).extent != "none" for row, logit in zip(answers, logits, strict=True)
    ]
    judged = [(row["model"], training.refuses(row), hit) for row, hit in zip(answers, found, strict=True)]
    for model in [*sorted({model for model, *_ in judged}), "all"]:
        chosen = [(label, hit) for name, label, hit in judged if model in (name, "all")]
        yield agreement(model, [label for label, _ in chosen], [hit for _, hit in chosen])
    before = [former_refusal.find_refusal(row["response"]).extent != "none" for row in answers]
    yield agreement("all, phrases alone (before)", [label for _, label, _ in judged], before)


def _do_not_answer_lines() -> Iterator[tuple]:
    answers = [row for row in rows("refusal_do_not_answer") if row["human_action"] in (0, 2, 3, 5)]
    labels = [row["human_action"] == 0 for row in answers]
    for name, find in (("now", refusal.find_refusal), ("before", former_refusal.find_refusal)):
        yield agreement(name, labels, [find(row["response"]).extent != "none" for row in answers])


def language_lines() -> Iterator[tuple]:
    examples = held_out_examples()
    for language in [*sorted({example.language for example in examples}), "all"]:
        chosen = [example for example in examples if language in (example.language, "all")]
        found = [refusal.find_refusal(example.text).extent != "none" for example in chosen]
        yield agreement(language, [example.refusal != "none" for example in chosen], found)
    before = [former_refusal.find_refusal(example.text).extent != "none" for example in examples]
    yield agreement("all, before", [example.refusal != "none" for example in examples], before)


def repetition_lines() -> Iterator[tuple]:
    unseen = [row for row in half("repetition_degenerate", held_out=True) if row["label"] != "mild"]
    for name, sample in (("all", unseen), ("read by people", [row for row in unseen if row["label_source"] == "read"])):
        labels = [row["label"] == "degenerate" for row in sample]
        yield agreement(name, labels, [repetition(row["response"]) >= _LARGEST for row in sample])
        before = [former_repetition.repetition(row["response"]) >= _LARGEST for row in sample]
        yield agreement(f"{name}, before", labels, before)


def unseen_loop_lines() -> Iterator[tuple]:
    for name, find in (("now", repetition), ("before", former_repetition.repetition)):
        yield unseen_loops.line(name, lambda text, find=find: find(text) >= _LARGEST)


def kind_lines() -> Iterator[tuple]:
    for kinds in (REGULAR, LOOPS):
        for name, draw in kinds.items():
            found = [repetition(draw(random.Random(seed))) >= _LARGEST for seed in range(_SEEDS)]
            yield name, _SEEDS, sum(found)


def ordinary_lines() -> Iterator[tuple]:
    for name, column in _ORDINARY.items():
        source = half(name, held_out=True) if name in _LEARNT_IN_PART else rows(name)
        texts = sorted({row[column] for row in source if row[column]})
        refusals = [
            sum(find(text).extent != "none" for text in texts)
            for find in (former_refusal.find_refusal, refusal.find_refusal)
        ]
        loops = [sum(find(text) >= _LARGEST for text in texts) for find in (former_repetition.repetition, repetition)]
        yield name, len(texts), *refusals, *loops


def json_line() -> tuple:
    strict = [
        row for row in rows("json_validity") if row["text"] is not None and row["expect"] != "implementation_defined"
    ]
    return len(strict), sum(is_json(row["text"]) == (row["expect"] == "accept") for row in strict)


def cpu_lines() -> Iterable[tuple]:
    texts = [row["response"] for row in rows("arena_hard_real_prompts")]
    for characters in (700, 4_000):
        cut = [text[:characters] for text in texts if len(text) >= min(characters, 700)]
        for name, size in (
            (f"{characters} characters, all at once", len(cut)),
            (f"{characters} characters, each alone", 1),
        ):
            batches = [cut[start : start + size] for start in range(0, len(cut), size)]
            before, now = _fastest(batches)
            yield name, 1e6 * before / len(cut), 1e6 * now / len(cut), now / before


def _fastest(batches: list[list[str]], rounds: int = 5) -> tuple[float, float]:
    """The fastest of some rounds in seconds of the processor, before and now by turns."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for taken, checks in zip(seconds, (former_checks.CHECKS, PROFILES["default"].checks), strict=True):
            begun = time.process_time()
            for batch in batches:
                _run(checks, batch)
            taken.append(time.process_time() - begun)
    return min(seconds[0]), min(seconds[1])


def _run(checks: Sequence, texts: list[str]) -> None:
    prompts, answers = [""] * len(texts), [Answer(text) for text in texts]
    for check in checks:
        if isinstance(check, Check):
            check.results(prompts, texts, Context())
        else:
            check.results(answers)


if __name__ == "__main__":
    main()
