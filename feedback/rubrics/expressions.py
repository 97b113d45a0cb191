"""The language of composite formulas: parsed with Python's grammar into nodes of its own, never executed as Python."""

import ast
import re
from dataclasses import dataclass

FUNCTIONS = ("max", "mean", "min")
MAX_CHARACTERS = 500
MAX_DEPTH = 24
MAX_NUMBER = 1e6
_OTHER_CHARACTER = re.compile(r"[^A-Za-z0-9_.,()+\-*/ ]")
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_REFUSED = (
    (ast.Attribute, "A dot is allowed in numbers only."),
    (ast.Pow, "Powers are not allowed."),
    (ast.FloorDiv, "// is not allowed; write /."),
    (ast.Starred, "* needs a value on its left."),
    (ast.Tuple, "A comma is allowed between the values of min, max and mean only."),
)


class FormulaError(ValueError):
    """Why a formula is invalid; `position`: the character, from 1, where that is."""

    def __init__(self, message: str, position: int = 1):
        super().__init__(f"Position {position}: {message}")
        self.position = position


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Name:
    name: str


@dataclass(frozen=True)
class Negative:
    operand: "Node"


@dataclass(frozen=True)
class Operation:
    """`position`: of the right operand."""

    operator: str
    left: "Node"
    right: "Node"
    position: int


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple["Node", ...]


Node = Number | Name | Negative | Operation | Call


def parse(text: str, names: frozenset[str]) -> Node:
    """Return the expression that a formula writes.

    Parameters
    ----------
    text
        At most MAX_CHARACTERS: numbers, `names`, + - * / and parentheses, and the FUNCTIONS.
    names
        The values that the formula may use.

    Returns
    -------
    Node
        The root of the expression; it is nested at most MAX_DEPTH deep.

    Raises
    ------
    FormulaError
        Anything else, with the position.

    Examples
    --------
    >>> parse("a + 2", frozenset({"a"}))
    Operation(operator='+', left=Name(name='a'), right=Number(value=2.0), position=5)
    """
    text = re.sub(r"[\n\r\t]", " ", text)
    if len(text) > MAX_CHARACTERS:
        raise FormulaError(f"A formula has at most {MAX_CHARACTERS} characters.", MAX_CHARACTERS + 1)
    if other := _OTHER_CHARACTER.search(text):
        raise FormulaError("This character is not allowed in a formula.", other.start() + 1)
    offset = len(text) - len(text.lstrip())
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise FormulaError(
            "This is not a valid expression.", offset + (error.offset or len(text.strip()) + 1)
        ) from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise FormulaError("The formula is nested too deeply.", offset + 1) from error
    return _Reader(names, offset).node(tree.body)


class _Reader:
    def __init__(self, names: frozenset[str], offset: int):
        self.names = names
        self.offset = offset

    def node(self, found: ast.expr, depth: int = 1) -> Node:
        position = self.offset + found.col_offset + 1
        if depth > MAX_DEPTH:
            raise FormulaError(f"The formula is nested more than {MAX_DEPTH} deep.", position)
        match found:
            case ast.Constant(value=value):
                return self._number(value, position)
            case ast.Name(id=name):
                return self._name(name, position)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negative(self.node(operand, depth + 1))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.node(operand, depth + 1)
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
                left, right = self.node(found.left, depth + 1), self.node(found.right, depth + 1)
                return Operation(_OPERATORS[type(found.op)], left, right, self.offset + found.right.col_offset + 1)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments, position, depth)
        raise FormulaError(_reason(found), position)

    def _number(self, value: object, position: int) -> Number:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FormulaError("Only plain numbers are allowed.", position)
        if value > MAX_NUMBER:
            raise FormulaError(f"A number is at most {MAX_NUMBER:,.0f}.", position)
        return Number(float(value))

    def _name(self, name: str, position: int) -> Name:
        if name not in self.names:
            known = ", ".join(sorted(self.names))
            raise FormulaError(f"{name[:40]} is neither a criterion nor a flag. There are: {known}.", position)
        return Name(name)

    def _call(self, name: str, arguments: list[ast.expr], position: int, depth: int) -> Call:
        if name not in FUNCTIONS:
            raise FormulaError(f"{name[:40]} is no function; there are max, mean and min.", position)
        if not arguments:
            raise FormulaError(f"{name} needs at least one value.", position)
        return Call(name, tuple(self.node(argument, depth + 1) for argument in arguments))


def _reason(found: ast.expr) -> str:
    parts = (found, found.op) if isinstance(found, ast.BinOp) else (found,)
    for kind, reason in _REFUSED:
        if any(isinstance(part, kind) for part in parts):
            return reason
    return "Use numbers, criteria, flags, + - * /, parentheses, min, max and mean only."
