"""The installation's own checks: names and dotted paths in QUALITY_CHECKS."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from feedback.quality.checks import contract
from feedback.quality.checks.base import AnswerCheck, Check
from feedback.quality.checks.guarded import Guarded
from feedback.quality.profiles import PROFILES

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_SHIPPED = frozenset(check.name for profile in PROFILES.values() for check in profile.checks)


class UnusableCheck(ValueError):
    """An entry of QUALITY_CHECKS that is no check."""


def own_checks() -> Mapping[str, Guarded]:
    """The usable checks of QUALITY_CHECKS by name; every process loads them once."""
    if not isinstance(settings.QUALITY_CHECKS, dict) or not settings.QUALITY_CHECKS:
        return {}
    entries = tuple((name, path) for name, path in settings.QUALITY_CHECKS.items() if isinstance(path, str))
    return _loaded(entries, settings.QUALITY_CHECK_SECONDS)


def problems() -> Iterator[str]:
    """What is wrong with QUALITY_CHECKS, one sentence each."""
    if not isinstance(settings.QUALITY_CHECKS, dict):
        yield 'QUALITY_CHECKS must be a JSON object of dotted paths by name: {"polite": "my_module.checks.POLITE"}.'
        return
    if not settings.QUALITY_CHECK_SECONDS > 0:
        yield "QUALITY_CHECK_SECONDS must be above 0."
    for name, path in settings.QUALITY_CHECKS.items():
        try:
            _imported(name, path)
        except UnusableCheck as error:
            yield f"QUALITY_CHECKS, {name[:64]}: {error}"


def broken_promises() -> Iterator[str]:
    """What the own checks do that no check may do, one sentence each. It runs them, so it takes a moment."""
    for name, guarded in own_checks().items():
        yield from (f"QUALITY_CHECKS, {name}: {problem}" for problem in contract.problems(guarded.check))


@lru_cache(maxsize=8)
def _loaded(entries: tuple[tuple[str, str], ...], seconds: float) -> Mapping[str, Guarded]:
    found = {}
    for name, path in entries:
        try:
            found[name] = Guarded(_imported(name, path), seconds)
        except UnusableCheck:
            # The start of every program says so; what is running scores without it.
            continue
    return found


def _imported(name: str, path: Any) -> Check | AnswerCheck:
    if not _NAME.fullmatch(name):
        raise UnusableCheck("a name has 1 to 32 characters of a-z 0-9 _, a letter first.")
    if name in _SHIPPED:
        raise UnusableCheck("a shipped check has this name.")
    if not isinstance(path, str) or "." not in path:
        raise UnusableCheck("write the dotted path of a Check or AnswerCheck, such as my_module.checks.POLITE.")
    try:
        found = import_string(path)
    except Exception as error:
        # A module may raise anything while it is imported.
        raise UnusableCheck(f"{path} cannot be imported: {type(error).__name__}: {error}.") from error
    if not isinstance(found, Check | AnswerCheck):
        raise UnusableCheck(f"{path} is a {type(found).__name__}, not a Check or AnswerCheck.")
    if found.name != name:
        raise UnusableCheck(f"{path} calls itself {found.name!s:.64}. Use that name, or change it there.")
    if problem := contract.problem_of_version(found.version):
        raise UnusableCheck(f"{path}: {problem}")
    return found
