"""Numbers versions of a set as x.y.z."""

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple


class Version(NamedTuple):
    """x.y.z."""

    major: int
    minor: int
    patch: int


class Step(Enum):
    """How a version differs from the one that it was made after."""

    REQUEST = "another request"
    BUILD = "the same request, built again"
    COPY = "a copy of its rows"


def following(parent: Version | None, step: Step, existing: Iterable[Version]) -> Version:
    """Return the number of a new version.

    Parameters
    ----------
    parent : Version or None
        The version that it is made after; None for the first one of a name.
    step : Step
        REQUEST counts up the first number, BUILD the second and COPY the third.
    existing : iterable of Version
        All versions of the name. None of them is returned.

    Returns
    -------
    Version

    Examples
    --------
    >>> versions = [Version(1, 0, 0), Version(1, 1, 0), Version(2, 0, 0)]
    >>> [tuple(following(versions[0], step, versions)) for step in Step]
    [(3, 0, 0), (1, 2, 0), (1, 0, 1)]
    """
    found = list(existing)
    if parent is None or step is Step.REQUEST:
        return Version(max((one.major for one in found), default=0) + 1, 0, 0)
    if step is Step.BUILD:
        return Version(parent.major, max(one.minor for one in found if one.major == parent.major) + 1, 0)
    patches = [one.patch for one in found if one[:2] == parent[:2]]
    return Version(parent.major, parent.minor, max(patches) + 1)
