"""What masking costs grows with the length of a text, whatever the text is made of."""

import gc
import time
from functools import partial

import pytest

from feedback.masking import compile_pattern, mask_answer, mask_text, texts_in_json

_CHARACTERS = 12_500
_CHARACTERS_OF_JSON = 2_000
_TIMES = 16
# Three times the growth of the text, for a busy machine: what reads it again for every match grows by its square.
_MOST_GROWTH = 3 * _TIMES
_LEAST_SECONDS = 0.01
HEXADECIMAL = "3f9a0c41d7e25b8860f192ab7c3d4e5f60718293"

HOSTILE = {
    "versions": "1.2.3.4.5.6.",
    "dates": "2024-01-01 10:00:00 ",
    "hexadecimal": HEXADECIMAL,
    "hexadecimal with dots": HEXADECIMAL[:32] + ".",
    "at signs": "@",
    "network addresses": "8.8.8.8 ",
    "cards": "4111 1111 1111 1111 ",
    "phones": "tel +49 30 1234567 ",
    "identifiers and phones": "123e4567-e89b-12d3-a456-426614174000 (555) 123-4567 ",
    "escaped quotes": '\\\\\\"password\\\\\\":\\\\\\"',
    "assignments on one line": "x y z PASSWORD=hunter2 ",
    "cookies": "cookie: a=b12345678;",
    "private keys": "-----BEGIN PRIVATE KEY-----\n",
}


# What stands before, what is repeated, what stands behind.
HOSTILE_JSON = {
    "numbers": ("[", "4155552671,", "0]"),
    "phones": ('{"phone":[', "4155552671,", "0]}"),
    "empty arrays": ("[", "[],", "0]"),
    "openings": ("", "[", ""),
    "depth": ("", '{"a":[', ""),
    "strings": ("[", '"a@b.co",', "0]"),
    "keys that mask alike": ("{", '"a@b.co":1,', '"a":1}'),
    "escapes": ('["', "\\n\\u0040a@b.co\\\\", '"]'),
    "escaped quotes": ('["', '\\"', '"]'),
    "an open string": ('["', '\\"', ""),
    "quotes": ("[", '"', ""),
    "fences": ("", "```\n[", ""),
    "blocks": ("", '```json\n["a@b.co"]\n```\n', ""),
    "fences on one line": ("", "```[", ""),
    "lines": ("", '{"a":"a@b.co"}\n', ""),
    "lines up to a fault": ("", '{"a":"a@b.co"}\n', "{"),
    "JSON in strings": ("[", '"[\\"a@b.co\\"]",', "0]"),
    "spaces": ("[", " ", ""),
    "digits": ("[", "1", ""),
}
TICKET = compile_pattern("TICKET", r"T-\d+")


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_the_cost_of_masking_grows_no_faster_than_the_text(piece):
    short = (piece * (_CHARACTERS // len(piece) + 1))[:_CHARACTERS]

    few, many = _seconds(mask_text, short), _seconds(mask_text, short * _TIMES)

    assert many < _MOST_GROWTH * max(_LEAST_SECONDS, few)


def test_no_mix_of_characters_multiplies_what_the_search_must_remember(rng):
    mixed, letters = ("".join(rng.choice(list(characters), _CHARACTERS * _TIMES)) for characters in ("ab_-1", "abcde"))

    assert _seconds(mask_text, mixed) < 20 * max(_LEAST_SECONDS, _seconds(mask_text, letters))


@pytest.mark.parametrize("read", [partial(mask_answer, patterns=[TICKET]), texts_in_json], ids=["mask", "texts"])
@pytest.mark.parametrize(("before", "piece", "behind"), HOSTILE_JSON.values(), ids=HOSTILE_JSON.keys())
def test_the_cost_of_masking_json_grows_no_faster_than_the_text(read, before, piece, behind):
    times = _CHARACTERS_OF_JSON // len(piece) + 1

    few, many = (_seconds(read, before + piece * count + behind) for count in (times, times * _TIMES))

    assert many < _MOST_GROWTH * max(_LEAST_SECONDS, few)


def _seconds(read, text):
    """The less of two, without the collector, which would read whatever other tests left in memory."""
    times = []
    gc.disable()
    for _ in range(2):
        began = time.process_time()
        read(text)
        times.append(time.process_time() - began)
    gc.enable()
    return min(times)
