"""Variables of texts: names alone, filled once."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.prompts.filling import InvalidText, InvalidValues, check_values, fill, variables_of

NAMES = st.from_regex(r"\A[a-z_][a-z0-9_]{0,5}\Z")


@pytest.mark.parametrize(
    ("text", "variables", "filled"),
    [
        ("plain", [], "plain"),
        ("{{a}} and {{ b }} and {{a}}", ["a", "b"], "1 and 2 and 1"),
        (r"\{{a}} {{a}}", ["a"], "{{a}} 1"),
        (r"\\{{a}}", ["a"], r"\1"),
        (r"\\\{{a}}", [], r"\{{a}}"),
        (r"a \n \\ b", [], r"a \n \\ b"),
        ('{"a": {"b": 1}} {x} }}', [], '{"a": {"b": 1}} {x} }}'),
        ("{{a}}{{b}}", ["a", "b"], "12"),
    ],
)
def test_a_text_has_variables_and_is_filled(text, variables, filled):
    assert variables_of(text) == variables
    assert fill(text, {"a": "1", "b": "2"}) == filled


@pytest.mark.parametrize(
    "text",
    ["{{a.b}}", "{{a|upper}}", "{{a()}}", "{{1a}}", "{{}}", "{{ }}", "{{a", "{{{a}}}", "{{a\n}}", "{{ä}}", "{{a b}}"],
)
def test_braces_that_are_no_variable_are_named(text):
    with pytest.raises(InvalidText, match="is not a variable"):
        variables_of(text)


@given(st.dictionaries(NAMES, st.text(max_size=20), min_size=1, max_size=4))
def test_values_are_never_read_for_variables(values):
    text = "|".join(f"{{{{{name}}}}}" for name in values)

    assert fill(text, values) == "|".join(values.values())


@given(st.text(alphabet="\\{}a ", max_size=40))
def test_any_text_is_filled_or_named(text):
    try:
        names = variables_of(text)
    except InvalidText:
        return
    assert set(names) <= {"a"}
    assert fill(text, {"a": "{{a}}"}) == text or "\\" in text or " " in text


def test_missing_and_unknown_values_are_named_together():
    with pytest.raises(InvalidValues) as caught:
        check_values(["b", "a"], ["c", "b"])

    assert (caught.value.missing, caught.value.unknown) == (["a"], ["c"])


def test_a_text_of_backslashes_is_read_in_no_time():
    begun = time.perf_counter()

    variables_of("\\" * 100_000)

    assert time.perf_counter() - begun < 1
