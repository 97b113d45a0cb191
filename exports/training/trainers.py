"""The trainers of TRAINERS by name, each with its adapter."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from django.conf import settings
from django.utils.module_loading import import_string

from exports.training.adapters.base import Adapter
from exports.training.adapters.command import CommandAdapter
from exports.training.adapters.mlflow import MlflowAdapter
from exports.training.adapters.webhook import WebhookAdapter

BUILT_IN = {"command": CommandAdapter, "webhook": WebhookAdapter, "mlflow": MlflowAdapter}
MAX_NAME_CHARACTERS = 64


class UnknownTrainer(LookupError):
    def __init__(self, name: str):
        known = ", ".join(names()) or "none"
        super().__init__(f"{name} is not a trainer of TRAINERS (known: {known}).")


class InvalidTrainer(ValueError):
    """An entry of TRAINERS that no adapter can be made of."""


def names() -> list[str]:
    return list(settings.TRAINERS) if isinstance(settings.TRAINERS, dict) else []


def adapter(name: str) -> Adapter:
    """The adapter of a trainer. Raises UnknownTrainer and InvalidTrainer."""
    if name not in names():
        raise UnknownTrainer(name)
    return _made(settings.TRAINERS[name])


def supervised() -> list[str]:
    """The trainers whose runs `run_trainers` hands over and watches."""
    return [name for name in names() if _is_supervised(name)]


def problems() -> Iterator[str]:
    """What is wrong with TRAINERS, one sentence each."""
    if not isinstance(settings.TRAINERS, dict):
        yield 'TRAINERS must be a JSON object of trainers by name: {"nightly": {"adapter": "command", ...}}.'
        return
    for name, entry in settings.TRAINERS.items():
        if not 1 <= len(name) <= MAX_NAME_CHARACTERS or not name.isprintable():
            yield f"TRAINERS: a name has 1 to {MAX_NAME_CHARACTERS} printable characters."
            continue
        try:
            found = [str(problem) for problem in _made(entry).validate()]
        except InvalidTrainer as error:
            found = [str(error)]
        yield from (f"TRAINERS, {name}: {problem}" for problem in found)


def _is_supervised(name: str) -> bool:
    try:
        return adapter(name).is_supervised
    except InvalidTrainer:
        return False


def _made(entry: Any) -> Adapter:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("adapter"), str):
        raise InvalidTrainer(f"write an object with `adapter`: {', '.join(BUILT_IN)}, or the dotted path of a class.")
    options = {name: value for name, value in entry.items() if name != "adapter"}
    made = BUILT_IN.get(entry["adapter"]) or _imported(entry["adapter"])
    try:
        if issubclass(made, msgspec.Struct):
            return msgspec.convert(options, made)
        return made(**options)
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise InvalidTrainer(f"{error}.") from error


def _imported(path: str) -> type:
    if "." not in path:
        raise InvalidTrainer(f"{path} is no adapter: write {', '.join(BUILT_IN)}, or the dotted path of a class.")
    try:
        found = import_string(path)
    except ImportError as error:
        raise InvalidTrainer(f"{error}.") from error
    if not isinstance(found, type):
        raise InvalidTrainer(f"{path} is not a class.")
    return found
