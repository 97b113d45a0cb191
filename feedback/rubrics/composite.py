"""Composites: a formula over the criteria and flags of a rubric, its value and the range of its values."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from feedback.rubrics.expressions import Call, FormulaError, Name, Negative, Node, Number, Operation, parse

MAX_VALUE = 1e9
# Names that are used more than once are tried at both ends of their scale, in every combination.
MAX_REPEATED = 10


@dataclass(frozen=True)
class Interval:
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Composite:
    """A formula that was checked.

    `minimum` and `maximum` bound its values for answers on their scales. `is_exact`: both are reached by some answers;
    else the range may be wider than what answers reach, never narrower.
    """

    expression: Node
    minimum: float
    maximum: float
    is_exact: bool

    def evaluate(self, values: Mapping[str, float]) -> float:
        """Return the value for these answers, by name; flags are 0 or 1."""
        return _value(self.expression, values)

    def normalise(self, raw: float) -> float:
        """Return where a value lies in the range, from 0 to 1."""
        return min(max((raw - self.minimum) / (self.maximum - self.minimum), 0.0), 1.0)


def compose(formula: str, criteria: Mapping[str, tuple[float, float]], flags: tuple[str, ...] = ()) -> Composite:
    """Return a formula as a composite, with the range of its values.

    Parameters
    ----------
    formula
        As `expressions.parse` takes it.
    criteria
        The lowest and highest value of each criterion, any number between which may be answered.
    flags
        Names of yes-or-no answers, which count 1 or 0.

    Returns
    -------
    Composite
        Its range is exact if each criterion that occurs more than once is affine or monotonic in the formula while the
        others are held (sums, weighted sums, products of different criteria, min and max of rising terms), and at most
        MAX_REPEATED names occur more than once. Else it is the range of interval arithmetic, which contains the exact.

    Raises
    ------
    FormulaError
        The formula is invalid, divides by what can be 0, can exceed MAX_VALUE or is the same for all answers.

    Notes
    -----
    Interval arithmetic is exact for expressions in which each name occurs once. A function that is affine or monotonic
    in a coordinate has its extremes at the ends of it, so for names that occur more often only the ends are tried.

    References
    ----------
    Moore, Kearfott & Cloud (2009), Introduction to Interval Analysis, theorem 5.1.

    Examples
    --------
    >>> scales = {"relevance": (1, 5), "tone": (1, 5)}
    >>> composite = compose("relevance + tone + 2 * format_ok - overlong", scales, ("format_ok", "overlong"))
    >>> composite.minimum, composite.maximum, composite.is_exact
    (1.0, 12.0, True)
    >>> composite.evaluate({"relevance": 4, "tone": 3, "format_ok": 1, "overlong": 0})
    9.0
    """
    return _compose(formula, tuple(criteria.items()), flags)


def weighted_mean(values: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Return the mean of `values` by the weights of the same names, of which one at least is above 0.

    Examples
    --------
    >>> weighted_mean({"a": 1, "b": 4}, {"a": 1, "b": 2})
    3.0
    """
    return math.fsum(weights[name] * values[name] for name in weights) / math.fsum(weights.values())


@lru_cache(maxsize=256)
def _compose(formula: str, criteria: tuple[tuple[str, tuple[float, float]], ...], flags: tuple[str, ...]) -> Composite:
    ranges = {name: Interval(*scale) for name, scale in criteria} | {name: Interval(0.0, 1.0) for name in flags}
    expression = parse(formula, frozenset(ranges))
    whole = _interval(expression, ranges)
    repeated = [name for name, times in Counter(_names(expression)).items() if times > 1]
    ended = [name for name in repeated if name in flags or _has_ends(expression, name, ranges)]
    fits = len(ended) <= MAX_REPEATED
    parts = list(_parts(expression, ranges, ended)) if fits else [whole]
    minimum, maximum = min(part.minimum for part in parts), max(part.maximum for part in parts)
    if not minimum < maximum:
        raise FormulaError("The formula has the same value for all answers.")
    return Composite(expression, minimum, maximum, is_exact=fits and len(ended) == len(repeated))


def _parts(expression: Node, ranges: Mapping[str, Interval], ended: list[str]) -> Iterator[Interval]:
    """The range for each combination of the ends of these names."""
    for ends in product(*({ranges[name].minimum, ranges[name].maximum} for name in ended)):
        yield _interval(expression, {**ranges, **{n: Interval(end, end) for n, end in zip(ended, ends, strict=True)}})


def _names(node: Node) -> Iterator[str]:
    match node:
        case Name(name):
            yield name
        case Negative(operand):
            yield from _names(operand)
        case Operation(_, left, right):
            yield from _names(left)
            yield from _names(right)
        case Call(_, arguments):
            for argument in arguments:
                yield from _names(argument)


def _value(node: Node, values: Mapping[str, float]) -> float:
    match node:
        case Number(value):
            return value
        case Name(name):
            return float(values[name])
        case Negative(operand):
            return -_value(operand, values)
        case Operation(operator, left, right):
            return _operate(operator, _value(left, values), _value(right, values))
        case Call(function, arguments):
            return _call(function, [_value(argument, values) for argument in arguments])


def _operate(operator: str, left: float, right: float) -> float:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return left / right


def _call(function: str, values: list[float]) -> float:
    match function:
        case "min":
            return min(values)
        case "max":
            return max(values)
    return math.fsum(values) / len(values)


def _interval(node: Node, ranges: Mapping[str, Interval]) -> Interval:
    """A range that contains every value of the node."""
    match node:
        case Number(value):
            return Interval(value, value)
        case Name(name):
            return ranges[name]
        case Negative(operand):
            inner = _interval(operand, ranges)
            return Interval(-inner.maximum, -inner.minimum)
        case Call(function, arguments):
            inners = [_interval(argument, ranges) for argument in arguments]
            low, high = [inner.minimum for inner in inners], [inner.maximum for inner in inners]
            return Interval(_call(function, low), _call(function, high))
        case Operation(operator, left, right, position):
            return _operated(operator, _interval(left, ranges), _interval(right, ranges), position)


def _operated(operator: str, left: Interval, right: Interval, position: int) -> Interval:
    if operator == "/" and right.minimum <= 0 <= right.maximum:
        raise FormulaError("The divisor can be 0.", position)
    ends = [_operate(operator, x, y) for x in (left.minimum, left.maximum) for y in (right.minimum, right.maximum)]
    if any(abs(end) > MAX_VALUE for end in ends):
        raise FormulaError(f"The value can exceed {MAX_VALUE:,.0f}.", position)
    return Interval(min(ends), max(ends))


def _has_ends(node: Node, name: str, ranges: Mapping[str, Interval]) -> bool:
    """Whether the node has its extremes at the ends of a name, whatever the other names are."""
    return _degree(node, name) in (0, 1) or _direction(node, name, ranges) is not None


def _degree(node: Node, name: str) -> int:
    """0: the name does not occur; 1: the node is affine in it; 2: anything else."""
    match node:
        case Name(found):
            return int(found == name)
        case Negative(operand):
            return _degree(operand, name)
        case Operation("*", left, right):
            return min(_degree(left, name) + _degree(right, name), 2)
        case Operation("/", left, right):
            return 2 if _degree(right, name) else _degree(left, name)
        case Operation(_, left, right):
            return max(_degree(left, name), _degree(right, name))
        case Call(function, arguments):
            degree = max(_degree(argument, name) for argument in arguments)
            return degree if function == "mean" or not degree else 2
    return 0


def _direction(node: Node, name: str, ranges: Mapping[str, Interval]) -> int | None:
    """1: the node never falls as the name rises; -1: it never rises; 0: it is constant; None: unknown."""
    match node:
        case Name(found):
            return int(found == name)
        case Negative(operand):
            return _times(_direction(operand, name, ranges), -1)
        case Operation(operator, left, right):
            one, other = _direction(left, name, ranges), _direction(right, name, ranges)
            if operator in "*/":
                one = _times(one, _sign(_interval(right, ranges)))
                other = _times(other, _sign(_interval(left, ranges)))
            return _together([one, _times(other, -1) if operator in "-/" else other])
        case Call(_, arguments):
            return _together([_direction(argument, name, ranges) for argument in arguments])
    return 0


def _sign(interval: Interval) -> int | None:
    if interval.minimum >= 0:
        return 1
    return -1 if interval.maximum <= 0 else None


def _times(one: int | None, other: int | None) -> int | None:
    if one == 0 or other == 0:
        return 0
    return None if one is None or other is None else one * other


def _together(directions: list[int | None]) -> int | None:
    found = set(directions) - {0}
    return found.pop() if len(found) == 1 else (None if found else 0)
