"""JSON inside texts is masked by splicing: it stays JSON, and what is not masked stays as it was written."""

import json

import pytest

from feedback.masking import (
    Options,
    Span,
    are_clear,
    compile_pattern,
    mask_answer,
    mask_json_text,
    mask_text,
    mask_value,
    texts_in_json,
)
from tests.feedback.crash_safety.canaries import MASKED, Canary

CARD = "4539148803436467"
MAIL = "eve@example.net"


def escaped(text):
    return "".join(f"\\u{ord(character):04x}" for character in text)


def nested(text, levels):
    for _ in range(levels):
        text = json.dumps({"arguments": text})
    return text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"mobile": 4155550132, "room": 7}', '{"mobile": "[PHONE]", "room": 7}'),
        (f"[{CARD}, -{CARD}, 1.50, 1e400, {CARD}.0]", f'["[CREDIT_CARD]", "-[CREDIT_CARD]", 1.50, 1e400, {CARD}.0]'),
        (f'{{"a" :"{MAIL}","a":[ ] }}\n', '{"a" :"[EMAIL]","a":[ ] }\n'),
        (f'\n [true,null,"x {MAIL} y"]', '\n [true,null,"x [EMAIL] y"]'),
        ('{"n": 123456789012345678901234567890, "z": -0}', '{"n": 123456789012345678901234567890, "z": -0}'),
        (
            '{"t": "caf\\u00e9 \\/ eve\\u0040example.net \\ud83d\\ude00"}',
            '{"t": "caf\\u00e9 \\/ [EMAIL] \\ud83d\\ude00"}',
        ),
        ('{"half": "\\ud83d eve@example.net \\ude00"}', '{"half": "\\ud83d [EMAIL] \\ude00"}'),
        ('{"tel": ["4155550132", ["4155550133"], {"x": 4155550134}, 4155550135]}', None),
        ('{"order": "4155550132", "n": 4155550132}', '{"order": "4155550132", "n": 4155550132}'),
        ('{"password": "two words", "pwd": 12345678}', '{"password": "[SECRET]", "pwd": "[SECRET]"}'),
        ('{"app_version": "11.3.0.2", "host": "11.3.0.2"}', '{"app_version": "11.3.0.2", "host": "[IP]"}'),
        (f'{{"{MAIL}": 1}}', '{"[EMAIL]": 1}'),
        (f'{{"{MAIL} phone": "4155550132"}}', '{"[EMAIL] phone": "[PHONE]"}'),
        (f'{{"a@b.co": 1, "{MAIL}": {{"c@d.co": 2}}, "e@f.co": 3}}', None),
        ("{}", "{}"),
        ("[NaN, -Infinity]", "[NaN, -Infinity]"),
    ],
)
def test_strings_and_numbers_are_replaced_and_nothing_else(text, masked):
    exceptional = {
        '{"tel": [': '{"tel": ["[PHONE]", ["[PHONE]"], {"x": 4155550134}, "[PHONE]"]}',
        '{"a@b.co"': '{"[EMAIL]": 1, "[EMAIL] (2)": {"[EMAIL]": 2}, "[EMAIL] (3)": 3}',
    }

    assert mask_json_text(text).text == (masked or exceptional[text[:9]])


@pytest.mark.parametrize(
    "text", ["", " ", "12345678", '"eve@example.net"', "[note] done", "{x}", '{"a": 1', "```\nx\n```"]
)
def test_text_without_objects_and_arrays_is_no_json(text):
    assert mask_json_text(text) is None
    assert mask_answer(text) == mask_text(text)
    assert texts_in_json(text) == [text]


def test_spans_are_offsets_of_the_given_text():
    text = '{"é": "\\u00e9 eve\\u0040example.net", "call": 4155550132}'

    masked = mask_json_text(text)

    assert [(text[span.start : span.end], span.kind) for span in masked.spans] == [
        ("eve\\u0040example.net", "EMAIL"),
        ("4155550132", "PHONE"),
    ]
    assert masked.counts == {"EMAIL": 1, "PHONE": 1}


@pytest.mark.parametrize("levels", [1, 2, 5])
def test_json_in_strings_of_json_stays_json(levels):
    masked = mask_json_text(nested('{"mobile": 4155550132, "room": [1, 2.50]}', levels)).text

    assert masked == nested('{"mobile": "[PHONE]", "room": [1, 2.50]}', levels)


def test_key_of_a_string_tells_what_the_json_inside_is():
    assert mask_json_text('{"phones": "[4155550132]", "ids": "[4155550132]"}').text == (
        '{"phones": "[\\"[PHONE]\\"]", "ids": "[4155550132]"}'
    )


def test_lines_of_json_are_masked_each():
    lines = f'{{"mobile": 4155550132}}\r\n\n["{MAIL}"]\n'

    assert mask_json_text(lines).text == '{"mobile": "[PHONE]"}\r\n\n["[EMAIL]"]\n'


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("```json\n", "\n```"),
        ("```\n", "\n```\n"),
        ("``` ", "```"),
        ("  ```jsonl\n", "\n  ```"),
        ("As ```json\n", "\n```"),
        ("```\n", ""),
    ],
)
def test_json_in_a_fenced_block_is_spliced_and_the_prose_masked_as_text(opening, closing):
    text = f'Call 4155550132:\n{opening}{{"mobile": 4155550132}}{closing}'
    prose = "" if closing == "" else f"\nor {MAIL}"

    masked = mask_json_text(text + prose)

    assert masked.text == f'Call [PHONE]:\n{opening}{{"mobile": "[PHONE]"}}{closing}' + (
        "\nor [EMAIL]" if prose else ""
    )
    assert [(text + prose)[span.start : span.end] for span in masked.spans] == ["4155550132"] * 2 + [MAIL] * bool(prose)


def test_fences_without_json_between_fences_with_json_are_text():
    code = f'```python\nsend("{MAIL}")\n```\n'
    block = '```json\n{"mobile": 4155550132}\n```\n'

    assert mask_json_text(code + block + code).text == (code + block + code).replace(MAIL, "[EMAIL]").replace(
        "4155550132", '"[PHONE]"'
    )


def test_fence_inside_a_string_is_spliced():
    text = json.dumps({"answer": '```json\n{"mobile": 4155550132}\n```'})

    assert json.loads(mask_json_text(text).text) == {"answer": '```json\n{"mobile": "[PHONE]"}\n```'}


TICKET = compile_pattern("TICKET", r"T-\d+", "<ticket>")
ROOM = compile_pattern("ROOM", r"\b\d{3}\b", 'room "x"')
PAIR = compile_pattern("PAIR", r'"zip": "\d+", "street": "[^"]*"')


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"a": "T-1", "T-2": "T\\u002d3"}', '{"a": "<ticket>", "<ticket>": "<ticket>"}'),
        ('{"room": 512, "b": "in 512"}', '{"room": "room \\"x\\"", "b": "in room \\"x\\""}'),
        ("[1.512, 12]", '["1.room \\"x\\"", 12]'),
        ('{"zip": "10115", "street": "Elm Road 1", "n": 1}', '{[PAIR], "n": 1}'),
        (f'{{"zip": "10115", "street": "{MAIL}"}}', "{[PAIR]}"),
        ('Room 512\n```\n{"zip": "10115", "street": "x"}\n```', 'Room room "x"\n```\n{[PAIR]}\n```'),
    ],
)
def test_patterns_are_found_in_tokens_and_across_them(text, masked):
    patterns = [TICKET, ROOM, PAIR]

    assert mask_json_text(text, patterns=patterns).text == masked
    assert mask_answer(masked, patterns=patterns).spans == ()


def test_match_across_tokens_covers_the_masks_inside():
    text = f'{{"zip": "10115", "street": "{MAIL}"}}'

    assert mask_json_text(text, patterns=[PAIR]).spans == (Span(1, len(text) - 1, "PAIR"),)


def test_names_of_secrets_of_the_installation_count():
    options = Options(secret_names=frozenset({"vault_pin"}))

    assert mask_json_text('{"vaultPin": 99887766}', options=options).text == '{"vaultPin": "[SECRET]"}'


def test_any_depth_is_followed():
    text = "[" * 20_000 + '{"mobile": 4155550132}' + "]" * 20_000

    assert mask_json_text(text).text == text.replace("4155550132", '"[PHONE]"')
    assert mask_json_text(text[:-1]) is None
    assert mask_json_text(text.replace("{", "{,")) is None


@pytest.mark.parametrize(
    "wrap",
    [
        lambda text: json.dumps({"note": text}),
        lambda text: json.dumps({text: "note"}),
        lambda text: json.dumps([["x", {"y": [text]}]], indent=2),
        lambda text: f'{{"note": "{escaped(text)}"}}',
        lambda text: json.dumps({"note": text, "n": 1}) + "\n" + json.dumps([1]),
        lambda text: nested(json.dumps({"note": text}), 3),
        lambda text: f"Here:\n```json\n{json.dumps({'note': text})}\n```\nDone.",
        lambda text: f'{{"note": "first", "note": {json.dumps(text)}, "note": "last"}}',
    ],
    ids=["value", "key", "deep", "escaped", "lines", "in strings", "fence", "duplicate key"],
)
def test_secrets_of_every_kind_are_found_wherever_they_stand(wrap):
    canary = Canary("JSON", 3)
    text = wrap(canary.text)

    masked = mask_json_text(text).text

    decoded = "\n".join(texts_in_json(masked))
    assert [needle for needle in canary.needles() if needle in masked or needle in decoded] == []
    assert MASKED in decoded
    assert not are_clear(texts_in_json(text))
    assert mask_answer(masked).spans == ()


@pytest.mark.parametrize("number", [int(CARD), 123456789, 4155550132])
def test_numbers_are_masked_as_those_of_values(number):
    for key in ("card", "ssn", "phone", "order"):
        masked = mask_json_text(json.dumps({key: number})).text
        assert json.loads(masked) == mask_value({key: number}).value


def test_text_that_becomes_json_by_masking_is_read_as_such():
    text = '{"password": "two words", "card": "4539 1488\n0343 6467"}'

    assert mask_answer(text).text == '{"password": "[SECRET]", "card": "[CREDIT_CARD]"}'


def test_texts_in_json_are_those_that_are_read():
    text = '{"tel": [1, 12345, "\\u0041"], "b": "{\\"tel\\": 4155550132}"}\n["c"]'

    assert texts_in_json(text) == ["tel", "tel: 12345", "tel: A", "b", "tel", "tel: 4155550132", "c"]
    assert texts_in_json('Hi\n```\n["x"]\n```\n') == ["x", "Hi\n```\n\n```\n"]
