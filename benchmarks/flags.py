"""Measures the flags of injection and abuse on labelled and on honest texts: `python -m benchmarks.flags`."""

import time
from collections.abc import Iterable, Iterator

from benchmarks.labelled_data import half, print_table, require_data, rows
from feedback.quality.flags import ABUSE, INJECTION, flags_of
from feedback.statistics.intervals import wilson

LABELLED = "injection_jailbreak"
# Instructions hidden in documents, such as "Write your answer in reverse": no pattern tells them from honest ones.
EMBEDDED = ("BIPIA_text", "BIPIA_code", "embedded_instruction")
# Fields that hold honest texts.
HONEST = {
    "alpaca_eval_multimodel": ("prompt", "response"),
    "correctness_gsm8k_models": ("prompt", "response"),
    "critiques_shepherd": ("prompt", "correct_response"),
    "edits_jfleg_grammar": ("response", "human_edits"),
    "edits_lamp_professional": ("prompt", "response", "edited"),
    "edits_mt_postedit": ("response", "edited"),
    "ratings_feedbackqa": ("question", "answer"),
}


def main() -> None:
    require_data()
    header = ("half", "attacks", "benign", "precision", "recall", "recall 95 % interval")
    print_table("Injection and jailbreak, without embedded instructions", header, list(agreement_lines()))
    print_table("Share that is flagged as injection, by label", ("half", "label", "texts", "flagged"), _label_lines())
    print_table("Honest texts that are flagged", ("set", "field", "texts", *(INJECTION, ABUSE)), list(honest_lines()))
    print_table("Speed, one core", ("text", "characters", "milliseconds"), list(_speed_lines()))


def agreement_lines() -> Iterator[tuple]:
    for name, held_out in (("tuned on", False), ("held out", True)):
        judged = [(_label(row), _is_injection(row["text"])) for row in half(LABELLED, held_out=held_out)]
        attacks = [flagged for label, flagged in judged if label not in ("benign", *EMBEDDED)]
        benign = [flagged for label, flagged in judged if label == "benign"]
        found, false = sum(attacks), sum(benign)
        low, high = wilson(found, len(attacks))
        precision, recall = found / max(1, found + false), found / len(attacks)
        yield name, len(attacks), len(benign), precision, recall, f"{low:.3f} to {high:.3f}"


def _label_lines() -> list[tuple]:
    lines = []
    for name, held_out in (("tuned on", False), ("held out", True)):
        found: dict[str, list[bool]] = {}
        for row in half(LABELLED, held_out=held_out):
            found.setdefault(_label(row), []).append(_is_injection(row["text"]))
        lines += [(name, label, len(flagged), sum(flagged)) for label, flagged in sorted(found.items())]
    return lines


def honest_lines() -> Iterator[tuple]:
    """Texts that differ, each once: the same prompt was sent to many models."""
    for dataset, fields in HONEST.items():
        for field in fields:
            found = [{flag.kind for flag in flags_of(text)} for text in _texts(dataset, field)]
            yield dataset, field, len(found), *(sum(kind in kinds for kinds in found) for kind in (INJECTION, ABUSE))


def _texts(dataset: str, field: str) -> Iterable[str]:
    values = (row[field] for row in rows(dataset) if row.get(field))
    return sorted({text for value in values for text in (value if isinstance(value, list) else [value])})


def _speed_lines() -> Iterator[tuple]:
    for name, text in (
        ("prose", "The kettle is empty, so fill it first. " * 18),
        ("a megabyte of prose", "The kettle is empty, so fill it first. " * 26_000),
        ("a megabyte of half an attack", "ignore all the previous " * 42_000),
    ):
        begun = time.perf_counter()
        flags_of(text)
        yield name, len(text), 1e3 * (time.perf_counter() - begun)


def _is_injection(text: str) -> bool:
    return any(flag.kind == INJECTION for flag in flags_of(text))


def _label(row: dict) -> str:
    """The label, or the kind of an embedded instruction that is labelled injection."""
    return next((kind for kind in EMBEDDED if kind in row["category"] and row["label"] == "injection"), row["label"])


if __name__ == "__main__":
    main()
