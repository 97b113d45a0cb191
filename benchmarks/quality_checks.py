"""Measures the quality checks against labelled responses: `python -m benchmarks.quality_checks`."""

import time
from collections.abc import Iterable

from benchmarks.labelled_data import print_table, require_data, rows
from feedback.quality.checks.format import is_json
from feedback.quality.checks.refusal import find_refusal
from feedback.quality.profiles import PROFILES
from feedback.quality.scoring import assess, assess_many

_CHECKS = ("format", "length", "refusal", "repetition")


def main() -> None:
    require_data()
    header = ("judged", "rows", "precision", "recall", "F1")
    print_table("Faults found (a fault is the positive case)", header, list(fault_lines()))
    print_table(
        "Refusal, three classes (rows: human label)", ("label", "none", "partial", "full"), _refusal_confusion()
    )
    print_table("Mean score", ("responses", *PROFILES), list(mean_scores()))
    print_table("Speed, one core", ("profile", "characters", "microseconds"), list(speed_lines()))


def fault_lines() -> Iterable[tuple]:
    asked = list(rows("refusal_do_not_answer"))
    decided = [row for row in asked if row["human_action"] in (0, 2, 3, 5)]
    loops = [row for row in rows("repetition_degenerate") if row["label"] != "mild"]
    read = [row for row in loops if row["label_source"] == "read"]
    strict = [
        row for row in rows("json_validity") if row["text"] is not None and row["expect"] != "implementation_defined"
    ]
    for profile in PROFILES:
        yield agreement(
            f"refusal, Do-Not-Answer, {profile}",
            [row["human_action"] == 0 for row in decided],
            [_fails(row, "refusal", profile) for row in decided],
        )
        for name, sample in (("all", loops), ("read by people", read)):
            labels = [row["label"] == "degenerate" for row in sample]
            yield agreement(
                f"repetition, {name}, {profile}", labels, [_fails(row, "repetition", profile) for row in sample]
            )
    yield agreement(
        "JSON grammar", [row["expect"] == "reject" for row in strict], [not is_json(row["text"]) for row in strict]
    )
    yield _json_only_line()


def _json_only_line() -> tuple:
    judged = [
        (row, row["pass_each_strict"][row["instruction_ids"].index("detectable_format:json_format")])
        for row in rows("ifeval_format")
        if row["response"] and "detectable_format:json_format" in row["instruction_ids"]
    ]
    kinds = [assess("", row["response"]).checks[0].details for row, _ in judged]
    found = [not (kind["format"] == "json" and kind["valid"]) for kind in kinds]
    return agreement("JSON asked for, IFEval, default", [not passed for _, passed in judged], found)


def _fails(row: dict, check: str, profile: str) -> bool:
    return not assess(row["prompt"], row["response"], profile=profile).checks[_CHECKS.index(check)].passed


def agreement(name: str, labels: list[bool], found: list[bool]) -> tuple:
    hits = sum(label and hit for label, hit in zip(labels, found, strict=True))
    precision, recall = hits / max(1, sum(found)), hits / max(1, sum(labels))
    return name, len(labels), precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def _refusal_confusion() -> list[tuple]:
    found: dict[str, list[str]] = {}
    for row in rows("refusal_do_not_answer"):
        found.setdefault(f"action {row['human_action']} {row['human_action_name']}", []).append(
            find_refusal(row["response"]).extent
        )
    return [
        (label, *(extents.count(name) for name in ("none", "partial", "full")))
        for label, extents in sorted(found.items())
    ]


def mean_scores() -> Iterable[tuple]:
    samples = {
        "grade-school mathematics": [row["response"] for row in rows("correctness_gsm8k_models")],
        "hard real prompts": [row["response"] for row in rows("arena_hard_real_prompts")],
        "full refusals": [row["response"] for row in rows("refusal_xstest") if row["human_final"] == "2_full_refusal"],
        "degenerate loops": [row["response"] for row in rows("repetition_degenerate") if row["label"] == "degenerate"],
        "empty": ["", " \n"],
    }
    for name, responses in samples.items():
        yield (
            name,
            *(
                sum(assess("", text, profile=profile).score for text in responses) / len(responses)
                for profile in PROFILES
            ),
        )


def speed_lines() -> Iterable[tuple]:
    texts = [row["response"][:700] for row in rows("arena_hard_real_prompts") if len(row["response"]) >= 700]
    for profile in PROFILES:
        start = time.perf_counter()
        for text in texts:
            assess("", text, profile=profile)
        yield f"{profile}, one by one", 700, 1e6 * (time.perf_counter() - start) / len(texts)
        assess_many([""] * len(texts), texts, profile=profile)  # The first call of a process loads more of Arrow.
        start = time.perf_counter()
        assess_many([""] * len(texts), texts, profile=profile)
        yield f"{profile}, all at once", 700, 1e6 * (time.perf_counter() - start) / len(texts)


if __name__ == "__main__":
    main()
