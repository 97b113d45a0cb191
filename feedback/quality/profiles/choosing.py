"""A profile that a deployment chose: a shipped one with other checks, weights, caps and bounds."""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec
from msgspec.structs import replace as with_other

from feedback.quality.checks.base import Check, Context
from feedback.quality.checks.guarded import Guarded
from feedback.quality.profiles import PROFILES
from feedback.quality.profiles.base import Profile
from feedback.quality.results import CheckResult

MAX_WEIGHT, MAX_BOUND = 100.0, 1_000_000
_LENGTH = "length"
Own = Mapping[str, Guarded]


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a deployment chose.

    weights: where they differ from those of the base; an own check runs if it has one. excluded: checks that do not
    run. ignored_caps: caps of the base without effect. min_length, max_length: bounds of an ordinary response, None for
    those of the installation.
    """

    base: str = "default"
    weights: dict[str, float] = {}
    excluded: tuple[str, ...] = ()
    ignored_caps: tuple[str, ...] = ()
    min_length: int | None = None
    max_length: int | None = None


STANDARD = Choice()


def normalised(choice: Choice) -> Choice:
    """Return a choice in its shortest form.

    Parameters
    ----------
    choice : Choice
        Without problems.

    Returns
    -------
    Choice
        The same for choices that score alike: without weights that are those of the base, and sorted.

    Examples
    --------
    >>> normalised(Choice(weights={"length": 1}, excluded=("format", "format")))
    Choice(base='default', weights={}, excluded=('format',), ignored_caps=(), min_length=None, max_length=None)
    """
    base = PROFILES[choice.base]
    shipped = {check.name: float(base.weights.get(check.name, 0)) for check in base.checks}
    kept = {name: float(weight) for name, weight in sorted(choice.weights.items()) if shipped.get(name) != weight}
    excluded, ignored = (tuple(sorted(set(names))) for names in (choice.excluded, choice.ignored_caps))
    return with_other(choice, weights=kept, excluded=excluded, ignored_caps=ignored)


def as_document(choice: Choice) -> dict[str, Any]:
    """Return a choice as JSON.

    Parameters
    ----------
    choice : Choice

    Returns
    -------
    dict
        Only what is not the default, so that equal choices are equal documents.

    Examples
    --------
    >>> as_document(Choice(base="default", excluded=("length",)))
    {'excluded': ['length']}
    """
    defaults = {name: getattr(STANDARD, name) for name in STANDARD.__struct_fields__}
    found = {name: getattr(choice, name) for name in defaults}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in found.items()
        if value != defaults[name]
    }


def problems(choice: Choice, own: Own, bounds: Context) -> Iterator[tuple[str, str, str]]:
    """Tell what is wrong with a choice.

    Parameters
    ----------
    choice : Choice
    own : mapping of str to Guarded
        The installation's own checks by name.
    bounds : Context
        Those of the installation.

    Returns
    -------
    iterator of tuple of str
        Field, code and message of each problem.

    Examples
    --------
    >>> [message for *_, message in problems(Choice(weights={"polite": 1}), {}, Context())]
    ['polite is not a check: format, length, refusal, repetition, tool_calls, structured_output, truncation, no_answer']
    """
    if choice.base not in PROFILES:
        yield "base", "invalid_choice", f"base must be one of {', '.join(PROFILES)}"
        return
    base = PROFILES[choice.base]
    shipped = [check.name for check in base.checks]
    for name, weight in choice.weights.items():
        if name not in (*shipped, *own):
            yield "weights", "unknown", f"{name[:64]!s} is not a check: {', '.join((*shipped, *own))}"
        elif not math.isfinite(weight) or not 0 <= weight <= MAX_WEIGHT:
            yield "weights", "out_of_range", f"The weight of {name} must be from 0 to {MAX_WEIGHT:g}"
    for name in choice.excluded:
        if name not in shipped:
            yield "excluded", "unknown", f"{name[:64]} is not a check of {choice.base}: {', '.join(shipped)}"
        elif name in choice.weights:
            yield "excluded", "invalid", f"{name} is excluded and has a weight; give one of them"
    caps = [rule.cap.name for rule in base.caps]
    for name in choice.ignored_caps:
        if name not in caps:
            yield "ignored_caps", "unknown", f"{name[:64]} is not a cap of {choice.base}: {', '.join(caps) or 'none'}"
    yield from _bound_problems(choice, bounds)
    if not any(weight > 0 for weight in weights_of(choice).values()):
        yield "weights", "invalid", "At least one check that runs must have a weight above 0"


def _bound_problems(choice: Choice, bounds: Context) -> Iterator[tuple[str, str, str]]:
    found = {"min_length": choice.min_length, "max_length": choice.max_length}
    wrong = [name for name, bound in found.items() if bound is not None and not 0 <= bound <= MAX_BOUND]
    yield from ((name, "out_of_range", f"{name} must be from 0 to {MAX_BOUND:,}") for name in wrong)
    chosen = bounds_of(choice, bounds)
    if not wrong and chosen.min_length > chosen.max_length:
        message = f"min_length ({chosen.min_length:,}) must not exceed max_length ({chosen.max_length:,})"
        yield "max_length" if choice.max_length is not None else "min_length", "invalid", message


def weights_of(choice: Choice) -> dict[str, float]:
    """Return the weights of the checks that run.

    Parameters
    ----------
    choice : Choice
        Of a known base.

    Returns
    -------
    dict of str to float
        By the name of a check, also those of weight 0.

    Examples
    --------
    >>> weights_of(Choice("crucible", weights={"polite": 2}, excluded=("format", "length")))
    {'refusal': 1.0, 'repetition': 1.0, 'polite': 2.0}
    """
    base = PROFILES[choice.base]
    shipped = {check.name: float(base.weights.get(check.name, 0)) for check in base.checks}
    return {name: float(weight) for name, weight in (shipped | choice.weights).items() if name not in choice.excluded}


def bounds_of(choice: Choice, bounds: Context) -> Context:
    """Return the bounds of an ordinary response.

    Parameters
    ----------
    choice : Choice
    bounds : Context
        Those of the installation.

    Returns
    -------
    Context
        Those of the choice where it has any.

    Examples
    --------
    >>> bounds_of(Choice(max_length=300), Context(20, 4000))
    Context(min_length=20, max_length=300)
    """
    shortest = bounds.min_length if choice.min_length is None else choice.min_length
    return Context(shortest, bounds.max_length if choice.max_length is None else choice.max_length)


def profile_of(choice: Choice, own: Own, bounds: Context) -> Profile:
    """Make the profile of a choice.

    Parameters
    ----------
    choice : Choice
        Checked when it was made. What no longer exists since, such as an own check, has no effect.
    own, bounds
        As of `problems`.

    Returns
    -------
    Profile
        Its version is that of the base, with a digest of the choice unless that changes nothing.

    Examples
    --------
    >>> profile_of(STANDARD, {}, Context()) is PROFILES["default"]
    True
    >>> profile_of(Choice("crucible", excluded=("format",)), {}, Context()).version
    'crucible-1:32886d07'
    """
    choice = normalised(choice)
    base = PROFILES[choice.base]
    if choice == Choice(choice.base):
        return base
    weights = weights_of(choice)
    checks = [check for check in base.checks if check.name in weights]
    has_bounds = choice.min_length is not None or choice.max_length is not None
    chosen = bounds_of(choice, bounds)
    if has_bounds:
        checks = [_bounded(check, chosen) if check.name == _LENGTH else check for check in checks]
    named = {check.name for check in checks}
    return replace(
        base,
        version=f"{base.version}:{_digest(choice, own, chosen if has_bounds else None)}",
        checks=(*checks, *(own[name] for name in sorted(weights) if name in own)),
        weights=weights,
        caps=tuple(rule for rule in base.caps if rule.check in named and rule.cap.name not in choice.ignored_caps),
        bounds=chosen,
    )


def _digest(choice: Choice, own: Own, bounds: Context | None) -> str:
    versions = {name: own[name].version if name in own else "" for name in choice.weights if not _is_shipped(name)}
    said = [as_document(choice), versions, bounds and [bounds.min_length, bounds.max_length]]
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()[:8]


def _is_shipped(name: str) -> bool:
    return any(check.name == name for base in PROFILES.values() for check in base.checks)


def _bounded(check: Any, bounds: Context) -> Any:
    """The check of lengths, with a version that says its bounds: by other bounds it gives other scores."""
    version = f"{check.version}:{bounds.min_length}-{bounds.max_length}"

    def judge(prompt: str, response: str, context: Context) -> CheckResult:
        return with_other(check.judge(prompt, response, bounds), version=version)

    return Check(check.name, version, judge)
