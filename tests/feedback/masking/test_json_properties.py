"""What holds of any JSON text: it stays JSON, only masks are new, and a masked text masks to itself."""

import json
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedback.masking import are_clear, mask_answer, mask_json_text, mask_text, mask_value, texts_in_json
from tests.feedback.crash_safety.canaries import Canary
from tests.feedback.masking.test_properties import CARD, PATTERN_SETS, TEXTS

CANARY = Canary("any JSON", 11)
NUMBERS = (int(CARD), 4155552671, 123456789, 10**30, 1.5, 12.0, 10**400)
STRINGS = st.one_of(
    TEXTS,
    st.sampled_from((*CANARY.secrets, CANARY.text)),
    st.lists(st.one_of(st.just(CANARY.text), st.text(st.characters(categories=None))), max_size=3).map("".join),
).filter(lambda text: text.lstrip()[:1] not in ("[", "{") and "```" not in text)
KEYS = st.one_of(
    st.sampled_from(("phone", "ssn", "password", "card", "note", "apiKey")),
    st.text(st.characters(categories=None), max_size=8).filter(lambda key: not mask_text(key).spans),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(NUMBERS), st.floats(), STRINGS)


def values(keys):
    return st.recursive(
        SCALARS,
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
        max_leaves=12,
    ).filter(lambda value: isinstance(value, list | dict))


VALUES = values(KEYS)
SPELLINGS = st.fixed_dictionaries(
    {
        "ensure_ascii": st.booleans(),
        "indent": st.sampled_from((None, 1, "\t")),
        "separators": st.sampled_from((None, (",", ":"), (" , ", " : "))),
    }
)
JSON_TEXTS = st.builds(lambda value, spelling: json.dumps(value, **spelling), VALUES, SPELLINGS)
WRAPPED = st.one_of(
    JSON_TEXTS,
    JSON_TEXTS.map(lambda text: json.dumps({"arguments": text, "n": 1})),
    JSON_TEXTS.map(lambda text: json.dumps([json.dumps({"arguments": text})])),
    st.lists(JSON_TEXTS, min_size=1, max_size=3).map("\n".join),
)
PIECES = st.sampled_from(
    (
        *(
            '{"',
            '"}',
            '":"',
            '": ',
            '","',
            "{",
            "}",
            "[",
            "]",
            ",",
            '"',
            "\\",
            "\\u0040",
            "\\n",
            "\n",
            "```",
            "```json\n",
        ),
        *('{"phone": 4155552671}', '["a@b.co"]', "\n```\n", '"password": "two words"', "4539 1488\n0343 6467"),
    )
)
STRUCTURED = st.lists(st.one_of(PIECES, TEXTS), max_size=12).map("".join)


def same(value):
    """A value in which NaN equals itself."""
    return json.dumps(value)


@settings(max_examples=100)
@given(VALUES, SPELLINGS)
def test_json_text_is_masked_as_its_value_is(value, spelling):
    masked = mask_json_text(json.dumps(value, **spelling))

    expected = mask_value(value)
    assert same(json.loads(masked.text)) == same(expected.value)
    assert masked.counts == expected.counts


@settings(max_examples=100)
@given(WRAPPED)
def test_only_what_is_masked_changes_and_no_secret_is_left(text):
    masked = mask_json_text(text)

    position, expected = 0, ""
    for span in masked.spans:
        assert position <= span.start < span.end
        expected += re.escape(text[position : span.start]) + rf'(?:\\*"-?)?\[{span.kind}\](?:\\*")?'
        position = span.end
    assert re.fullmatch(expected + re.escape(text[position:]), masked.text)
    assert [needle for needle in CANARY.needles() if needle in masked.text] == []


@settings(max_examples=100)
@given(WRAPPED)
def test_json_stays_json_and_masks_to_itself(text):
    masked = mask_json_text(text).text

    assert [json.loads(line) is not None for line in masked.split("\n") if "\n" not in text] in ([], [True])
    assert mask_json_text(masked) == type(mask_json_text(masked))(masked, ())


@settings(max_examples=80)
@given(values(STRINGS), SPELLINGS)
@example({"sk-0000000000000000": "00000=12345A"}, {})
def test_any_keys_keep_json_whole_and_its_size(value, spelling):
    masked = mask_json_text(json.dumps(value, **spelling)).text

    assert same(json.loads(masked)) == same(mask_value(value).value)
    assert mask_json_text(masked).spans == ()


@settings(max_examples=150)
@given(STRUCTURED, PATTERN_SETS)
@example('{"password": "two words", "card": "4539 1488\n0343 6467"}', [])
def test_masking_a_masked_answer_changes_nothing(text, patterns):
    masked = mask_answer(text, patterns=patterns)

    assert all(before.end <= after.start for before, after in zip(masked.spans, masked.spans[1:], strict=False))
    assert mask_answer(masked.text, patterns=patterns) == type(masked)(masked.text, ())


@settings(max_examples=80)
@given(WRAPPED, PATTERN_SETS)
def test_masking_masked_json_with_patterns_changes_nothing(text, patterns):
    masked = mask_answer(text, patterns=patterns)

    assert mask_answer(masked.text, patterns=patterns) == type(masked)(masked.text, ())


@settings(max_examples=100)
@given(st.one_of(STRUCTURED, WRAPPED))
def test_answers_whose_texts_are_clear_hold_nothing_to_mask(text):
    if are_clear(texts_in_json(text)):
        assert mask_answer(text).spans == ()
