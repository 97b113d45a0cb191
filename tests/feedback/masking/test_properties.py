import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.masking import KINDS, are_clear, compile_pattern, mask_text, mask_value
from feedback.masking.numbers.identifiers import passes_luhn

CARD = "4111111111111111"
PATTERNS = (
    compile_pattern("TICKET", r"T-?\d+", "<ticket>"),
    compile_pattern("CAPITALS", r"[A-Z]{3,}\w*", "***"),
    compile_pattern("CALLED", r"x+ ?", "call "),
    compile_pattern("TAIL", r"ssn.*$"),
    compile_pattern("BRACKET", r"\]+ ?\[", "ssn: "),
)
FRAGMENTS = st.sampled_from(
    (
        *("a@b.com", "555-123-4567", "+44 20 7946 0958", "123-45-6789", CARD, "4111 1111 1111 1111", "1234567"),
        *("93.184.216.34", "2a00:1450::1", "GB29NWBK60161331926819", "sk-" + "a1b2" * 6, "call", "ssn", "phone", "is"),
        *("AKIA1234567890ABCDEF", "postgres://a:b@", "Bearer ", "-----BEGIN PRIVATE KEY-----", "T-1", "ABCD", "0044"),
        *(
            "password=",
            "pwd: ",
            "token: ",
            "hunter2",
            "a@b.com%40",
            "%40",
            "&#64;",
            " [at] ",
            "Cookie: sid=",
            "curl -u a:",
        ),
        *(" ", " ", "-", ".", ",", ":", "(", ")", "[", "]", "\n", "12", "0", "x", "é", "电话", "４", "[EMAIL]", "@"),
    )
)
TEXTS = st.one_of(
    st.lists(FRAGMENTS, max_size=14).map("".join),
    st.text(st.characters(categories=None), max_size=60),
    st.text("0123456789 -.()+@:aA[]", max_size=60),
)
PATTERN_SETS = st.lists(st.sampled_from(PATTERNS), unique=True, max_size=3)


@settings(max_examples=400)
@given(TEXTS, PATTERN_SETS)
def test_masking_a_masked_text_changes_nothing(text, patterns):
    masked = mask_text(text, patterns=patterns)

    assert mask_text(masked.text, patterns=patterns) == type(masked)(masked.text, ())


@settings(max_examples=400)
@given(TEXTS, PATTERN_SETS)
def test_spans_are_disjoint_sorted_and_rebuild_the_text(text, patterns):
    masked = mask_text(text, patterns=patterns)

    replacements = {kind: f"[{kind}]" for kind in KINDS} | {one.name: one.replacement for one in patterns}
    position, rebuilt = 0, ""
    for span in masked.spans:
        assert position <= span.start < span.end <= len(text)
        rebuilt += text[position : span.start] + replacements[span.kind]
        position = span.end
    assert rebuilt + text[position:] == masked.text


@settings(max_examples=400)
@given(TEXTS, PATTERN_SETS)
def test_masking_never_lengthens_a_run_of_digits(text, patterns):
    assert longest_digit_run(mask_text(text, patterns=patterns).text) <= longest_digit_run(text)


def longest_digit_run(text):
    return max(map(len, "".join(c if c.isdigit() else " " for c in text).split()), default=0)


def with_check_digit(digits):
    return next(digits + last for last in "0123456789" if passes_luhn(digits + last))


CARDS = st.integers(13, 19).flatmap(
    lambda length: st.text("0123456789", min_size=length - 2, max_size=length - 2).map(
        lambda middle: with_check_digit("4" + middle)
    )
)


@settings(max_examples=300)
@given(CARDS, st.sampled_from(["", " ", "-", ".", "  "]), st.sampled_from(["", "paid with ", "call ", "(", "+"]))
def test_no_digit_of_a_card_survives(card, separator, before):
    grouped = separator.join(card[start : start + 4] for start in range(0, len(card), 4))

    assert longest_digit_run(mask_text(f"{before}{grouped}, thanks").text) == 0


@settings(max_examples=300)
@given(CARDS, st.lists(st.integers(1, 12), max_size=5), st.sampled_from([" ", "-", "."]))
def test_card_in_any_grouping_is_masked_whole_or_not_at_all(card, sizes, separator):
    cuts = sorted({size for size in (sum(sizes[:end]) for end in range(1, len(sizes) + 1)) if size < len(card)})
    grouped = separator.join(card[start:end] for start, end in zip([0, *cuts], [*cuts, len(card)], strict=True))
    masked = mask_text(f"number {grouped} here").text

    assert masked == f"number {grouped} here" or longest_digit_run(masked) == 0


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63), st.floats(allow_nan=False), TEXTS),
    lambda children: st.one_of(st.lists(children, max_size=3), st.dictionaries(TEXTS, children, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=200)
@given(JSON)
def test_masking_a_masked_value_changes_nothing(value):
    masked = mask_value(value)

    assert mask_value(masked.value).value == masked.value


@settings(max_examples=300)
@given(st.lists(TEXTS, max_size=3))
def test_texts_that_are_clear_hold_nothing_to_mask(texts):
    if are_clear(texts):
        assert [mask_text(text).spans for text in texts] == [()] * len(texts)


def test_value_of_64_kib_at_the_greatest_depth_is_masked():
    value = [{f"k{number}": "a@b.co", "phone": "5551234567"} for number in range(1_700)]
    for _ in range(30):
        value = {"phone": value}

    masked = mask_value(value)

    assert masked.counts == {"EMAIL": 1_700, "PHONE": 1_700}


HOSTILE = (
    *("1 ", "1.", "00 ", "000 ", "00 1", "123 ", "1234 ", "1/1/", "+1 ", "4111-", "123-45-6789 ", "02.27.96.63.08 "),
    *("0041 44 668 18 00 ", "415 ", "1.1.1.1 ", "fe80::1 ", "::", "a@", "a.", "a@b.co ", "a@b.co@", "A1", "GB29 "),
    *("DE89 3704 0044 0532 0130 00 ", "eyJ", "eyJa.", "AKIA1234567890ABCDEF", "-----BEGIN PRIVATE KEY-----", '"'),
    *("api_key: a1", "api_key=abcdefgh12345678 ", "://a:", "a://b:c@", "call ", "call 1234567 ", "is ", "１ ", "[1"),
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_of_100000_characters_ends(piece):
    text = piece * (100_000 // len(piece))

    masked = mask_text(text)

    assert len(masked.text) < 2 * len(text)
    assert mask_text(masked.text).spans == ()
