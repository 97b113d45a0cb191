"""Measures masking against labelled texts: `python -m benchmarks.masking`."""

import time
from collections import Counter
from collections.abc import Iterable

from benchmarks.labelled_data import print_table, require_data, rows
from feedback.masking import Span, mask_text, mask_texts

_KINDS = {
    "EMAIL_ADDRESS": "EMAIL",
    "EMAIL": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "PHONE": "PHONE",
    "CREDIT_CARD": "CREDIT_CARD",
    "US_SSN": "SSN",
    "SSN": "SSN",
    "IBAN_CODE": "IBAN",
    "IBAN": "IBAN",
    "IP_ADDRESS": "IP",
    "email": "EMAIL",
    "phone": "PHONE",
    "credit_card": "CREDIT_CARD",
    "us_ssn": "SSN",
    "iban": "IBAN",
    "ip": "IP",
}
_MEASURED = ("EMAIL", "PHONE", "CREDIT_CARD", "SSN", "IBAN", "IP")


def main() -> None:
    require_data()
    header = ("kind", "labelled", "found", "precision", "recall", "F1")
    for dataset in ("pii_presidio_research", "pii_nano_chatlike"):
        print_table(f"{dataset}: spans that overlap by half", header, list(span_lines(dataset)))
    print_table("pii_presidio_recognizer_cases: number of spans", header, list(case_lines()))
    print_table("pii_phone_examples", ("spelling", "numbers", "recall"), list(phone_lines()))
    title = "Spans in real texts: an upper bound of false positives, since genuine addresses in them count too"
    print_table(title, ("texts", "number", "spans", "per 1,000 texts", "kinds"), list(real_text_lines()))
    print_table("Speed, one core", ("texts of 700 characters", "texts per second"), list(speed_lines()))


def span_lines(dataset: str) -> Iterable[tuple]:
    labelled, found, hits = Counter(), Counter(), Counter()
    for row in rows(dataset):
        expected = [
            Span(label["start"], label["end"], _KINDS[label["type"]])
            for label in row["spans"]
            if label["type"] in _KINDS and label["start"] is not None
        ]
        spans = mask_text(row["text"]).spans
        labelled.update(span.kind for span in expected)
        found.update(span.kind for span in spans)
        hits.update(span.kind for span in expected if any(_agree(span, other) for other in spans))
    return [_scores(kind, labelled[kind], found[kind], hits[kind]) for kind in _MEASURED if labelled[kind]]


def _agree(expected: Span, found: Span) -> bool:
    shared = min(expected.end, found.end) - max(expected.start, found.start)
    return expected.kind == found.kind and 2 * shared >= max(expected.end - expected.start, found.end - found.start)


def _scores(kind: str, labelled: int, found: int, hits: int) -> tuple:
    precision, recall = hits / max(1, found), hits / max(1, labelled)
    return kind, labelled, found, precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def case_lines() -> Iterable[tuple]:
    labelled, found, hits = Counter(), Counter(), Counter()
    for row in rows("pii_presidio_recognizer_cases"):
        kind = _KINDS.get(row["recognizer"])
        if kind:
            count = mask_text(row["text"]).counts.get(kind, 0)
            labelled[kind] += row["expected_len"]
            found[kind] += count
            hits[kind] += min(count, row["expected_len"])
    return [_scores(kind, labelled[kind], found[kind], hits[kind]) for kind in _MEASURED if labelled[kind]]


def phone_lines() -> Iterable[tuple]:
    numbers = list(rows("pii_phone_examples"))
    spellings = {
        "e164": "It is {} today",
        "international": "It is {} today",
        "rfc3966": "<{}>",
        "national": "Please call {} today",
    }
    for spelling, sentence in spellings.items():
        masked = [mask_text(sentence.format(row[spelling])) for row in numbers]
        yield (
            f"{spelling} in {sentence!r}",
            len(numbers),
            sum(one.counts == {"PHONE": 1} for one in masked) / len(numbers),
        )


def real_text_lines() -> Iterable[tuple]:
    for dataset in ("correctness_gsm8k_models", "arena_hard_real_prompts"):
        texts = {row[field] for row in rows(dataset) for field in ("prompt", "response")}
        counts = Counter(span.kind for masked in mask_texts(texts) for span in masked.spans)
        yield dataset, len(texts), counts.total(), 1000 * counts.total() / len(texts), dict(counts)


def speed_lines() -> Iterable[tuple]:
    source = [row["response"][:700] for row in rows("arena_hard_real_prompts") if len(row["response"]) >= 700]
    for name, texts in {
        "as they come": source,
        "without a span": [text for text in source if not mask_text(text).spans],
        "without a digit": [text for text in source if not any(map(str.isdigit, text))],
        "with an address, a number and a card": [
            f"{text[:640]} a@b.io +44 20 7946 0958 4111 1111 1111 1111" for text in source
        ],
    }.items():
        start = time.perf_counter()
        mask_texts(texts)
        yield f"{name} ({len(texts)})", round(len(texts) / (time.perf_counter() - start))


if __name__ == "__main__":
    main()
