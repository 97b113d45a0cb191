"""Composites against brute force and refused formulas."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.rubrics.composite import compose
from feedback.rubrics.expressions import FormulaError, parse

SCALES = {"relevance": (1, 5), "actionability": (1, 5), "tone": (1, 5)}
FLAGS = ("format_ok", "overlong")
TIP = "relevance + actionability + tone + 2 * format_ok - overlong"


def test_the_composite_of_tips_reaches_from_2_to_17():
    composite = compose(TIP, SCALES, FLAGS)

    best = {"relevance": 5, "actionability": 5, "tone": 5, "format_ok": 1, "overlong": 0}
    assert (composite.minimum, composite.maximum, composite.is_exact) == (2, 17, True)
    assert composite.evaluate(best) == 17
    assert composite.normalise(composite.evaluate(best)) == 1
    assert composite.normalise(12.75) == pytest.approx(10.75 / 15)


@pytest.mark.parametrize(
    ("formula", "minimum", "maximum", "is_exact"),
    [
        ("a - a * f", 0, 5, True),
        ("a * a", 1, 25, True),
        ("a * a - 6 * a", -29, 19, False),
        ("min(a, b) + a", 2, 10, True),
        ("max(a, b) - a", -4, 4, False),
        ("a / (a + b)", 1 / 10, 5 / 2, False),
        ("mean(a, b, a)", 1, 5, True),
        ("-(a - 3) * (b - 3)", -4, 4, True),
        ("f * (1 - f) + a", 1, 5, True),
        ("+a", 1, 5, True),
    ],
)
def test_ranges(formula, minimum, maximum, is_exact):
    composite = compose(formula, {"a": (1, 5), "b": (1, 5)}, ("f",))

    assert (composite.minimum, composite.maximum) == pytest.approx((minimum, maximum))
    assert composite.is_exact is is_exact


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("__import__('os').system('true')", "Position 12: This character is not allowed in a formula."),
        ("a[0]", "Position 2: This character is not allowed in a formula."),
        ("a; b", "Position 2: This character is not allowed in a formula."),
        ("a == b", "Position 3: This character is not allowed in a formula."),
        ("а", "Position 1: This character is not allowed in a formula."),
        ("exec(a)", "Position 1: exec is no function; there are max, mean and min."),
        ("a + open()", "Position 5: open is no function; there are max, mean and min."),
        ("a + b.real", "Position 5: A dot is allowed in numbers only."),
        ("a.real()", "Position 1: Use numbers, criteria, flags, + - * /, parentheses, min, max and mean only."),
        ("  2 ** a", "Position 3: Powers are not allowed."),
        ("a // 2", "Position 1: // is not allowed; write /."),
        ("min(*a)", "Position 5: * needs a value on its left."),
        ("a, b", "Position 1: A comma is allowed between the values of min, max and mean only."),
        ("min()", "Position 1: min needs at least one value."),
        ("a if b else f", "Position 1: Use numbers, criteria, flags, + - * /, parentheses, min, max and mean only."),
        ("not a", "Position 1: Use numbers, criteria, flags, + - * /, parentheses, min, max and mean only."),
        ("True + a", "Position 1: Only plain numbers are allowed."),
        ("None", "Position 1: Only plain numbers are allowed."),
        ("2j * a", "Position 1: Only plain numbers are allowed."),
        ("1e999 * a", "Position 1: A number is at most 1,000,000."),
        ("a * 1000001", "Position 5: A number is at most 1,000,000."),
        ("a * 1000000 * 1000000", "Position 15: The value can exceed 1,000,000,000."),
        ("a + quality", "Position 5: quality is neither a criterion nor a flag. There are: a, b, f."),
        ("a / f", "Position 5: The divisor can be 0."),
        ("a / (b - 3)", "Position 6: The divisor can be 0."),
        ("1 / 0", "Position 5: The divisor can be 0."),
        ("a +", "Position 4: This is not a valid expression."),
        ("a) + (b", "Position 2: This is not a valid expression."),
        ("", "Position 1: This is not a valid expression."),
        ("7", "Position 1: The formula has the same value for all answers."),
        ("a - a * 1", None),
        ("-" * 30 + "a", "Position 25: The formula is nested more than 24 deep."),
        ("(" * 240 + "a" + ")" * 240, "Position 201: This is not a valid expression."),
        ("a" + " + a" * 40, "Position 1: The formula is nested more than 24 deep."),
        ("a + " * 200, "Position 501: A formula has at most 500 characters."),
    ],
)
def test_a_formula_that_is_more_than_arithmetic_is_rejected_at_its_position(formula, message):
    with pytest.raises(FormulaError) as rejected:
        compose(formula, {"a": (1, 5), "b": (1, 5)}, ("f",))

    assert message is None or str(rejected.value) == message


names = st.sampled_from(["a", "b", "f"])
formulas = st.recursive(
    names | st.integers(-3, 9).map(str),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        st.tuples(st.sampled_from(["min", "max", "mean"]), inner, inner).map(lambda p: f"{p[0]}({p[1]}, {p[2]})"),
        inner.map(lambda one: f"-{one}"),
    ),
    max_leaves=6,
)


@given(formulas)
def test_no_answer_leaves_the_range_and_exact_ranges_are_reached(formula):
    try:
        composite = compose(formula, {"a": (1, 5), "b": (-2, 2)}, ("f",))
    except FormulaError:
        return
    values = [
        composite.evaluate({"a": a, "b": b, "f": f})
        for a, b, f in product((1, 1.5, 2, 3, 4, 5), (-2, -1, -0.5, 0, 1, 2), (0, 1))
    ]

    slack = 1e-9 * max(abs(composite.minimum), abs(composite.maximum), 1)
    assert composite.minimum - slack <= min(values)
    assert max(values) <= composite.maximum + slack
    if composite.is_exact:
        assert (min(values), max(values)) == pytest.approx((composite.minimum, composite.maximum), abs=slack)


@given(st.text(max_size=600))
def test_any_text_is_a_formula_or_rejected(text):
    try:
        position = parse(text, frozenset({"a"})) and 1
    except FormulaError as error:
        position = error.position

    assert 1 <= position <= 501
