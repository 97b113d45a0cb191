"""Measures masking against labelled texts, beside a peer: `python -m benchmarks.masking`."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator

from benchmarks import masking_peer
from benchmarks.labelled_data import print_table, require_data, rows
from benchmarks.masking_peer import Find
from feedback.masking import Options, Span, mask_text, mask_texts

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
_EVERY_ADDRESS = Options(private_addresses=True)
_MEASURED = ("EMAIL", "CREDIT_CARD", "SSN", "IBAN", "IP", "PHONE")
_RESEARCH, _CHAT, _CASES = "pii_presidio_research", "pii_nano_chatlike", "pii_presidio_recognizer_cases"
# Read by hand: addresses of machines, of people made up for an example, and one telephone number in a table.
GENUINE = (
    *("192.168.0.1", "192.168.1.1", "127.0.0.1", "10.0.0.2", "10.0.1.40", "8.8.8.8"),
    *("player123@example.com", "your.email@example.com", "your_email@example.com", "205-422-1680"),
)
_SPELLINGS = {
    "e164": "It is {} today",
    "international": "It is {} today",
    "rfc3966": "<{}>",
    "national": "Please call {} today",
}


def main() -> None:
    require_data()
    finders = {"ours": find_ours}
    if masking_peer.is_installed():
        finders[masking_peer.name()] = masking_peer.finder()
    else:
        print(f"Skipped: {masking_peer.PACKAGE} is not installed; `make bench` installs it.")
    title = "Masking: spans with at least half overlap (recognizer_cases: number of spans)"
    header = ("set", "kind", "labelled", "finder", "found", "precision", "recall", "F1")
    print_table(title, header, list(score_lines(finders)))
    header = ("spelling", "numbers", *finders)
    print_table("pii_phone_examples: recall by spelling", header, list(phone_lines(finders)))
    header = ("texts", "number", "finder", "spans", "false", "false per 1,000", "kinds")
    print_table("Real texts: spans and false positives", header, list(real_lines(finders)))
    header = ("texts of 700 characters", "number", "texts per second")
    print_table("Masking: processor time, one core", header, list(speed_lines()))


def find_ours(text: str) -> tuple[Span, ...]:
    # The labelled sets count every address, private ones too.
    return mask_text(text, options=_EVERY_ADDRESS).spans


def score_lines(finders: dict[str, Find]) -> Iterator[tuple]:
    """Yield precision, recall and F1 of each set, and of the three together."""
    together = {name: Counter() for name in finders}
    for dataset, count in {
        _RESEARCH: lambda find: _count_spans(rows(_RESEARCH), find),
        f"{_CHAT}, labels in place": lambda find: _count_spans(filter(_is_in_place, rows(_CHAT)), find),
        f"{_CHAT}, every row": lambda find: _count_spans(rows(_CHAT), find),
        _CASES: _count_cases,
    }.items():
        counts = {name: count(find) for name, find in finders.items()}
        yield from _lines(dataset, counts)
        if dataset != f"{_CHAT}, labels in place":
            for name, counted in counts.items():
                together[name].update(counted)
    yield from _lines("the three together, every row", together)


def _is_in_place(row: dict) -> bool:
    """Tell whether the text holds every label of the row; where one is missing, others are wrong too."""
    return all(label["start"] is not None for label in row["spans"])


def _lines(dataset: str, counts: dict[str, Counter]) -> Iterator[tuple]:
    for kind in _MEASURED:
        for name, counted in counts.items():
            labelled, found, hits = (counted[kind, part] for part in ("labelled", "found", "hits"))
            if labelled:
                scores = hits / max(1, found), hits / labelled, 2 * hits / (found + labelled)
                yield dataset, kind, labelled, name, found, *scores


def _count_spans(labelled_rows: Iterable[dict], find: Find) -> Counter:
    counts = Counter()
    for row in labelled_rows:
        expected = [
            Span(label["start"], label["end"], _KINDS[label["type"]])
            for label in row["spans"]
            if label["type"] in _KINDS and label["start"] is not None
        ]
        spans = find(row["text"])
        counts.update((span.kind, "labelled") for span in expected)
        counts.update((span.kind, "found") for span in spans)
        counts.update((span.kind, "hits") for span in expected if any(_agree(span, other) for other in spans))
    return counts


def _agree(expected: Span, found: Span) -> bool:
    shared = min(expected.end, found.end) - max(expected.start, found.start)
    return expected.kind == found.kind and 2 * shared >= max(expected.end - expected.start, found.end - found.start)


def _count_cases(find: Find) -> Counter:
    """Count by recogniser: most cases state how many spans there are, not where."""
    counts = Counter()
    for row in rows(_CASES):
        kind = _KINDS.get(row["recognizer"])
        if kind:
            count = sum(span.kind == kind for span in find(row["text"]))
            counts[kind, "labelled"] += row["expected_len"]
            counts[kind, "found"] += count
            counts[kind, "hits"] += min(count, row["expected_len"])
    return counts


def phone_lines(finders: dict[str, Find]) -> Iterator[tuple]:
    numbers = list(rows("pii_phone_examples"))
    for spelling, sentence in _SPELLINGS.items():
        texts = [(sentence.format(row[spelling]), row[spelling]) for row in numbers]
        recalls = (sum(_finds_number(find, *text) for text in texts) / len(texts) for find in finders.values())
        yield f"{spelling} in {sentence!r}", len(texts), *recalls


def _finds_number(find: Find, text: str, number: str) -> bool:
    start = text.index(number) + (len("tel:") if number.startswith("tel:") else 0)
    expected = Span(start, text.index(number) + len(number), "PHONE")
    return any(_agree(expected, span) for span in find(text))


def real_lines(finders: dict[str, Find]) -> Iterator[tuple]:
    for dataset in ("correctness_gsm8k_models", "arena_hard_real_prompts"):
        texts = sorted({row[field] for row in rows(dataset) for field in ("prompt", "response")})
        for name, find in finders.items():
            found = [(span.kind, text[span.start : span.end]) for text in texts for span in find(text)]
            false = [kind for kind, value in found if not value.startswith(GENUINE)]
            yield (
                dataset,
                len(texts),
                name,
                len(found),
                len(false),
                1000 * len(false) / len(texts),
                dict(Counter(false)),
            )


def speed_lines() -> Iterator[tuple]:
    source = [row["response"][:700] for row in rows("arena_hard_real_prompts") if len(row["response"]) >= 700]
    for name, texts in {
        "as they come": source,
        "without a span": [text for text in source if not mask_text(text).spans],
        "without a digit": [text for text in source if not any(map(str.isdigit, text))],
        "with an address, a number and a card": [
            f"{text[:640]} a@b.io +44 20 7946 0958 4111 1111 1111 1111" for text in source
        ],
    }.items():
        start = time.process_time()
        mask_texts(texts)
        yield name, len(texts), round(len(texts) / (time.process_time() - start))


if __name__ == "__main__":
    main()
