"""Measures the flags of injection and abuse on labelled and on honest texts: `python -m benchmarks.flags`."""

import time
from collections.abc import Iterable, Iterator

import django

from benchmarks.labelled_data import half, print_table, require_data, rows
from feedback.conversations.canonical import Message, TextBlock, encode
from feedback.quality.answers import answer_of
from feedback.quality.flags import ABUSE, INJECTION, flags_of
from feedback.quality.scoring import assess_many
from feedback.statistics.intervals import wilson
from tests import environment

LABELLED = "injection_jailbreak"
# Instructions hidden in documents, such as "Write your answer in reverse": no pattern tells them from honest ones.
EMBEDDED = ("BIPIA_text", "BIPIA_code", "embedded_instruction")
_EVENTS, _RUNS = 2_000, 5
_SYSTEM = (
    "You are the assistant of a shop that sells shoes. Answer in at most five sentences, politely and without jargon. "
    "Never mention competitors, and never give discounts. If a customer is angry, offer to call back."
)
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
    header = ("half", "attacks", "benign", "benign flagged", "precision", "recall", "recall 95 % interval")
    print_table("Injection and jailbreak, without embedded instructions", header, list(agreement_lines()))
    print_table("Share that is flagged as injection, by label", ("half", "label", "texts", "flagged"), _label_lines())
    print_table("Honest texts that are flagged", ("set", "field", "texts", *(INJECTION, ABUSE)), list(honest_lines()))
    print_table("Speed, one core", ("text", "characters", "milliseconds"), list(_speed_lines()))
    header = ("events of a batch", "characters", "scan, microseconds", "checks, microseconds", "scan / checks")
    print_table("CPU time of scanning beside that of the checks, each event", header, list(cost_lines()))


def agreement_lines() -> Iterator[tuple]:
    for name, held_out in (("tuned on", False), ("held out", True)):
        judged = [(_label(row), _is_injection(row["text"])) for row in half(LABELLED, held_out=held_out)]
        attacks = [flagged for label, flagged in judged if label not in ("benign", *EMBEDDED)]
        benign = [flagged for label, flagged in judged if label == "benign"]
        found, false = sum(attacks), sum(benign)
        low, high = wilson(found, len(attacks))
        precision, recall = found / max(1, found + false), found / len(attacks)
        interval = f"{low:.3f} to {high:.3f}"
        yield name, len(attacks), len(benign), false / len(benign), precision, recall, interval


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


def cost_lines() -> Iterator[tuple]:
    """Prompts and answers, as a writer scans and checks them: without and with a system message."""
    environment.provide()
    django.setup()
    from feedback.flagging.scanning import scan_events  # noqa: PLC0415 - needs django.setup

    pairs = sorted({(row["prompt"], row["response"]) for row in rows("alpaca_eval_multimodel") if row["response"]})
    pairs = pairs[:: max(1, len(pairs) // _EVENTS)][:_EVENTS]
    prompts, responses = [prompt for prompt, _ in pairs], [response for _, response in pairs]
    for name, system in (("prompt and answer", None), ("with a system message", _SYSTEM)):
        events = [_event(prompt, response, system) for prompt, response in pairs]
        scanned, checked = [], []
        for _ in range(_RUNS):
            scanned.append(_microseconds(lambda events=events: scan_events(events, whole=False)))
            checked.append(_microseconds(lambda: assess_many(prompts, [answer_of(one) for one in responses])))
        characters = sum(len(prompt) + len(response) for prompt, response in pairs) // len(pairs)
        scan, checks = min(scanned) / len(pairs), min(checked) / len(pairs)
        yield name, characters, scan, checks, scan / checks


def _event(prompt: str, response: str, system: str | None) -> dict:
    sent = [("system", system), ("user", prompt)]
    messages = encode([Message(role, [TextBlock(text)]) for role, text in sent]) if system else None
    return {"id": "", "prompt": prompt, "response": response, "response_message": None, "messages": messages}


def _microseconds(run) -> float:
    begun = time.process_time()
    run()
    return 1e6 * (time.process_time() - begun)


def _is_injection(text: str) -> bool:
    return any(flag.kind == INJECTION for flag in flags_of(text))


def _label(row: dict) -> str:
    """The label, or the kind of an embedded instruction that is labelled injection."""
    return next((kind for kind in EMBEDDED if kind in row["category"] and row["label"] == "injection"), row["label"])


if __name__ == "__main__":
    main()
