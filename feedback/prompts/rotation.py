"""Which of several versions a request gets: by weight, the same for one subject every time, else at random."""

import hashlib
import math
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from feedback.identifiers import PROMPT_LABEL

MOST_VERSIONS = 20
WHOLE = 100.0
# Three equal parts may be written as 33.33.
_TOLERANCE = 0.05
_ENTRY = re.compile(r"\s*([^\s=,]+)\s*(?:=\s*([0-9]+(?:\.[0-9]+)?)\s*%?\s*)?")


class InvalidRotation(ValueError):
    """Versions or weights that are no rotation."""


@dataclass(frozen=True)
class Part:
    """A version and its weight in percent of the requests."""

    version: str
    weight: float


def parts_of(entries: Iterable[tuple[str, float | None]]) -> tuple[Part, ...]:
    """Return the parts of a rotation.

    Parameters
    ----------
    entries : iterable of (str, float or None)
        Versions with their weights in percent, or all without one: then each gets as many requests.

    Returns
    -------
    tuple of Part
        In the order given, weights above 0 that add up to 100 within .05.

    Raises
    ------
    InvalidRotation
        If there are no versions or more than 20, one comes twice or is no label, only some have a weight, or the
        weights are not above 0 or do not add up to 100.

    Examples
    --------
    >>> parts_of([("v1", None), ("v2", None)])
    (Part(version='v1', weight=50.0), Part(version='v2', weight=50.0))
    >>> parts_of([("v1", 70.0), ("v2", 20.0)])
    Traceback (most recent call last):
        ...
    feedback.prompts.rotation.InvalidRotation: The weights add up to 90, not 100.
    """
    given = list(entries)
    versions = [version for version, _ in given]
    if not 1 <= len(given) <= MOST_VERSIONS:
        raise InvalidRotation(f"A rotation has 1 to {MOST_VERSIONS} versions.")
    if invalid := [version for version in versions if not PROMPT_LABEL.fullmatch(version)]:
        raise InvalidRotation(f"{invalid[0][:80]} is not a version.")
    if repeated := [version for version in dict.fromkeys(versions) if versions.count(version) > 1]:
        raise InvalidRotation(f"{repeated[0]} comes twice.")
    weights = [weight for _, weight in given if weight is not None]
    if not weights:
        return tuple(Part(version, WHOLE / len(given)) for version in versions)
    if len(weights) < len(given):
        raise InvalidRotation("Give every version a weight, or none.")
    if not all(math.isfinite(weight) and weight > 0 for weight in weights):
        raise InvalidRotation("A weight is above 0. Leave out a version that is not to be used.")
    if abs(sum(weights) - WHOLE) > _TOLERANCE:
        raise InvalidRotation(f"The weights add up to {sum(weights):g}, not 100.")
    return tuple(Part(version, weight) for version, weight in zip(versions, weights, strict=True))


def parse(text: str) -> tuple[Part, ...]:
    """Return the parts of a rotation in one line.

    Parameters
    ----------
    text : str
        Versions separated by commas, with or without weights: `v1,v2` or `v1=70,v2=30`.

    Returns
    -------
    tuple of Part
        As of `parts_of`.

    Raises
    ------
    InvalidRotation
        As `parts_of`, and for an entry that is neither a version nor one with a weight.

    Examples
    --------
    >>> parse("v1=70, v2-mentor=30")
    (Part(version='v1', weight=70.0), Part(version='v2-mentor', weight=30.0))
    """
    entries: list[tuple[str, float | None]] = []
    for entry in text.split(","):
        found = _ENTRY.fullmatch(entry)
        if found is None:
            raise InvalidRotation(f"“{entry.strip()[:80]}” is neither a version nor one with a weight, such as v1=70.")
        entries.append((found[1], None if found[2] is None else float(found[2])))
    return parts_of(entries)


def written(parts: Iterable[Part]) -> str:
    """Return a rotation in one line, as `parse` reads it.

    Parameters
    ----------
    parts : iterable of Part
        A rotation, or nothing.

    Returns
    -------
    str
        Versions with their weights; empty without parts.

    Examples
    --------
    >>> written(parse("v1,v2"))
    'v1=50, v2=50'
    """
    return ", ".join(f"{part.version}={part.weight:.4g}" for part in parts)


def choose(parts: Sequence[Part], *, salt: str, subject: str | None, rng: random.Random) -> str:
    """Return the version for one request.

    Parameters
    ----------
    parts : sequence of Part
        At least one.
    salt : str
        What the rotation belongs to, so that subjects fall differently in each.
    subject : str or None
        The user or session; the same one gets the same version while the weights stay. None: chosen at random.
    rng : random.Random
        For requests without a subject.

    Returns
    -------
    str
        The label of a version.

    Notes
    -----
    Weighted rendezvous hashing: each version draws -ln(u) / weight, where u is uniform by the hash of salt, version and
    subject, and the smallest wins, with probability weight / 100. A change of weights moves as few subjects as it can.

    References
    ----------
    Thaler & Ravishankar (1998), IEEE/ACM Trans. Netw. 6(1), 1-14.
    Schindelhauer & Schomaker (2005), SPAA '05, 218-227.

    Examples
    --------
    >>> parts = parse("v1=50,v2=50")
    >>> {choose(parts, salt="helpdesk/tips", subject="ada", rng=random.Random(seed)) for seed in range(9)}
    {'v1'}
    """
    if subject is None:
        return rng.choices([part.version for part in parts], [part.weight for part in parts])[0]
    return min(parts, key=lambda part: -math.log(_uniform(salt, part.version, subject)) / part.weight).version


def _uniform(salt: str, version: str, subject: str) -> float:
    """Above 0 and below 1."""
    text = "\n".join((salt, version, subject))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return ((int.from_bytes(digest[:8], "big") >> 11) + 0.5) / 2**53
