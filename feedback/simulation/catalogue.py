"""The texts of simulated conversations; they lie in texts/, one file for each kind of product."""

from functools import cache
from pathlib import Path

import msgspec

TEXTS = Path(__file__).parent / "texts"
NAMES = tuple(sorted(path.stem for path in TEXTS.glob("*.toml")))


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that people want, the trouble that makes them ask, and everything a good answer needs."""

    task: str
    problem: str
    steps: tuple[str, ...]
    fact: str
    detail: str
    code: str = ""


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cases of one subject. Seasonal topics appear only when a drift of topics begins."""

    name: str
    cases: tuple[Case, ...]
    seasonal: bool = False


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`{task}`, `{problem}`, `{problem_inside}` and `{topic}` stand for the words of a case."""

    system: str
    questions: tuple[str, ...]
    follow_ups: tuple[str, ...]
    contexts: tuple[str, ...]
    personal: tuple[str, ...]
    leads: tuple[str, ...]
    closings: tuple[str, ...]
    background: tuple[str, ...]
    refusals: tuple[str, ...]
    half_refusals: tuple[str, ...]
    vague: tuple[str, ...]
    loops: tuple[str, ...]
    praise: tuple[str, ...]
    complaints: tuple[str, ...]
    topics: tuple[Topic, ...]


@cache
def load(name: str) -> Catalogue:
    """The catalogue of one of NAMES."""
    return msgspec.toml.decode((TEXTS / f"{name}.toml").read_bytes(), type=Catalogue)
