"""What a rubric asks: its criteria and flags, the prompt and the formula, checked as a whole."""

import keyword
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from feedback.field_errors import FieldError, printable
from feedback.rubrics.composite import Composite, compose
from feedback.rubrics.expressions import FUNCTIONS, FormulaError

NAME = re.compile(r"[a-z][a-z0-9-]{0,49}")
ANSWER_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
MAX_CRITERIA, MAX_FLAGS = 12, 12
MAX_TITLE, MAX_DESCRIPTION, MAX_PROMPT = 100, 2_000, 20_000
MAX_SCALE = 1_000.0
_TEXTS = {"title": MAX_TITLE, "description": MAX_DESCRIPTION, "prompt": MAX_PROMPT}
_FIELDS = {"name", *_TEXTS, "criteria", "flags", "formula"}
_CRITERION = {"name", "title", "description", "minimum", "maximum", "weight"}
_FLAG = {"name", "title", "description"}


class InvalidRubric(ValueError):
    """What is wrong with a rubric, by field."""

    def __init__(self, errors: Sequence[FieldError]):
        super().__init__(" ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = list(errors)


@dataclass(frozen=True)
class Definition:
    """A rubric whose fields are valid; criteria and flags are as they are stored."""

    name: str
    title: str
    description: str
    prompt: str
    criteria: list[dict[str, Any]]
    flags: list[dict[str, Any]]
    formula: str


@dataclass
class _Errors:
    found: list[FieldError] = field(default_factory=list)

    def add(self, where: str, message: str, code: str = "invalid") -> None:
        self.found.append(FieldError(where, code, message))


def define(document: Mapping[str, Any]) -> Definition:
    """The rubric that a document describes; raises InvalidRubric."""
    errors = _Errors()
    _unknown(document, _FIELDS, "", errors)
    name = document.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        errors.add("name", "Use a-z, 0-9 and -, beginning with a letter, at most 50 characters.")
        name = "invalid"
    texts = {key: _text(document, key, errors) for key in _TEXTS}
    criteria = [_criterion(entry, where, errors) for entry, where in _entries(document, "criteria", errors)]
    flags = [_flag(entry, where, errors) for entry, where in _entries(document, "flags", errors)]
    formula = document.get("formula", "")
    if not isinstance(formula, str):
        errors.add("formula", "This is not a text.")
    if not document.get("criteria"):
        errors.add("criteria", "A rubric has at least one criterion.", "required")
    _names(criteria, flags, errors)
    if not errors.found:
        _check_formula(formula, criteria, flags, errors)
    if errors.found:
        raise InvalidRubric(errors.found)
    texts["title"] = texts["title"] or name
    return Definition(name=name, **texts, criteria=criteria, flags=flags, formula=formula.strip())


def composite(criteria: Sequence[Mapping[str, Any]], flags: Sequence[Mapping[str, Any]], formula: str) -> Composite:
    """The composite of a rubric; without a formula, the mean of its criteria by their weights."""
    scales = {entry["name"]: (float(entry["minimum"]), float(entry["maximum"])) for entry in criteria}
    return compose(formula.strip() or _mean(criteria), scales, tuple(entry["name"] for entry in flags))


def _mean(criteria: Sequence[Mapping[str, Any]]) -> str:
    weighted = [entry for entry in criteria if entry["weight"] > 0]
    terms = " + ".join(f"{entry['weight']!r}*{entry['name']}" for entry in weighted)
    return f"({terms}) / {math.fsum(entry['weight'] for entry in weighted)!r}"


def _check_formula(formula: str, criteria: list[dict], flags: list[dict], errors: _Errors) -> None:
    if not formula.strip() and not any(entry["weight"] > 0 for entry in criteria):
        errors.add("formula", "Without a formula, a criterion needs a weight above 0.")
        return
    try:
        composite(criteria, flags, formula)
    except FormulaError as error:
        errors.add("formula", str(error))


def _entries(document: Mapping[str, Any], key: str, errors: _Errors) -> Iterator[tuple[Mapping[str, Any], str]]:
    entries = document.get(key) or []
    most = MAX_CRITERIA if key == "criteria" else MAX_FLAGS
    if not isinstance(entries, list):
        errors.add(key, "This is not a list.")
    elif len(entries) > most:
        errors.add(key, f"There may be at most {most}.")
    else:
        for index, entry in enumerate(entries):
            if isinstance(entry, Mapping):
                yield entry, f"{key}.{index}"
            else:
                errors.add(f"{key}.{index}", "This is not an object.")


def _criterion(entry: Mapping[str, Any], where: str, errors: _Errors) -> dict[str, Any]:
    found = _flag(entry, where, errors, known=_CRITERION)
    minimum, maximum = _number(entry, "minimum", 1, where, errors), _number(entry, "maximum", 5, where, errors)
    weight = _number(entry, "weight", 1, where, errors)
    if not minimum < maximum:
        errors.add(f"{where}.maximum", "The maximum is above the minimum.")
    if weight < 0:
        errors.add(f"{where}.weight", "A weight is not negative.")
    return found | {"minimum": minimum, "maximum": maximum, "weight": weight}


def _flag(entry: Mapping[str, Any], where: str, errors: _Errors, *, known: set[str] = _FLAG) -> dict[str, Any]:
    _unknown(entry, known, f"{where}.", errors)
    name = entry.get("name")
    if not isinstance(name, str) or not ANSWER_NAME.fullmatch(name):
        errors.add(f"{where}.name", "Use a-z, 0-9 and _, beginning with a letter, at most 32 characters.")
        name = ""
    elif keyword.iskeyword(name) or name in FUNCTIONS:
        errors.add(f"{where}.name", f"{name} has a meaning in formulas; use another name.")
    title = _text(entry, "title", errors, where=f"{where}.")
    description = _text(entry, "description", errors, where=f"{where}.")
    return {"name": name, "title": title or name.replace("_", " ").capitalize(), "description": description}


def _names(criteria: list[dict], flags: list[dict], errors: _Errors) -> None:
    seen: set[str] = set()
    for key, entries in (("criteria", criteria), ("flags", flags)):
        for index, entry in enumerate(entries):
            if entry["name"] in seen and entry["name"]:
                errors.add(f"{key}.{index}.name", f"There are two of the name {entry['name']}.", "unique")
            seen.add(entry["name"])


def _number(entry: Mapping[str, Any], key: str, default: float, where: str, errors: _Errors) -> float:
    value = entry.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_SCALE:
        errors.add(f"{where}.{key}", f"This is not a number from -{MAX_SCALE:,.0f} to {MAX_SCALE:,.0f}.")
        return default
    return int(value) if value == int(value) else value


def _text(entry: Mapping[str, Any], key: str, errors: _Errors, *, where: str = "") -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        errors.add(f"{where}{key}", "This is not a text.")
        return ""
    if len(value) > _TEXTS[key]:
        errors.add(f"{where}{key}", f"This has more than {_TEXTS[key]:,} characters.")
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        errors.add(f"{where}{key}", "This holds a NUL or an unpaired surrogate, which cannot be stored.")
    return value.strip()


def _unknown(entry: Mapping[str, Any], known: set[str], where: str, errors: _Errors) -> None:
    for key in entry:
        if key not in known:
            errors.add(f"{where}{printable(str(key))}", "Unknown field.", "unknown_field")
