"""Which versions the traffic of a deployment names, and whether a rotation is what its traffic shows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from feedback.models import Rollup, RollupDelta
from feedback.prompts.rotation import WHOLE, Part
from feedback.statistics import user_shares
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging

# Read of the events since a rotation began, the newest.
MOST_EVENTS = 20_000
# Fewer users tell nothing about a split.
FEWEST_USERS = 30
LEVEL = 0.95
# Answers that were asked for just before a rotation began arrive after it, also from callers that cache.
_STILL_EARLIER = timedelta(seconds=60)


@dataclass(frozen=True)
class ShownPart:
    """A version of a rotation in the traffic.

    Attributes
    ----------
    version : str
        Its label.
    weight : float
        In percent.
    events : int
        The events that name it.
    share : float or None
        Of the events, 0 to 1, no user more than 5 % of them; None with fewer than 30 users.
    low, high : float or None
        The interval of the share. Those of all versions hold together at 95 %.
    """

    version: str
    weight: float
    events: int
    share: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_off(self) -> bool:
        """Whether the traffic is not what the weight says."""
        return self.low is not None and self.high is not None and not self.low <= self.weight / WHOLE <= self.high


@dataclass(frozen=True)
class Split:
    """A rotation in the traffic since it began. users: those, or sessions, or events without either, in it."""

    parts: Sequence[ShownPart]
    users: int
    is_cut: bool = False

    @property
    def is_enough(self) -> bool:
        return self.users >= FEWEST_USERS

    @property
    def is_off(self) -> bool:
        return any(part.is_off for part in self.parts)


def is_used(deployment_id: str, label: str) -> bool:
    """Whether a stored or a counted event names this version."""
    counted = {"deployment_id": deployment_id, "prompt_version": label}
    if Rollup.objects.filter(**counted).exists() or RollupDelta.objects.filter(**counted).exists():
        return True
    found = event_store().scan(EventFilter(**counted), ["id"], Paging(limit=1))
    return found.read_all().num_rows > 0


def split_of(deployment_id: str, parts: Sequence[Part], *, since: datetime) -> Split:
    """Read how the events since a rotation began are split among its versions."""
    where = EventFilter(deployment_id=deployment_id, occurred_from=since + _STILL_EARLIER)
    columns = ["prompt_version", "user_hash", "session_hash"]
    table = event_store().scan(where, columns, Paging(limit=MOST_EVENTS)).read_all()
    people = [
        user or session or ""
        for user, session in zip(table["user_hash"].to_pylist(), table["session_hash"].to_pylist(), strict=True)
    ]
    found = split(table["prompt_version"].to_pylist(), people, parts)
    return Split(found.parts, found.users, is_cut=table.num_rows == MOST_EVENTS)


def split(versions: Collection[str], people: Collection[str], parts: Sequence[Part]) -> Split:
    """Return how events are split among the versions of a rotation.

    Parameters
    ----------
    versions : collection of str
        What each event names; those that name no version of the rotation are left out.
    people : collection of str
        The user or session of each event; "" for none, who counts as another user each time.
    parts : sequence of Part
        The rotation.

    Returns
    -------
    Split
        A share is off if its weight lies outside an interval of 1 - .05 / k for k versions, over users: the events of
        one user are not independent where the user decides the version.

    Examples
    --------
    >>> from feedback.prompts.rotation import parse
    >>> found = split(["v1"] * 90 + ["v2"] * 10, [str(number) for number in range(100)], parse("v1,v2"))
    >>> found.users, found.is_off, [round(part.share, 2) for part in found.parts]
    (100, True, [0.9, 0.1])
    """
    named = np.asarray(list(versions), dtype=str)
    is_in = np.isin(named, [part.version for part in parts])
    named, present = named[is_in], np.asarray(list(people), dtype=str)[is_in]
    counts = {part.version: int(np.count_nonzero(named == part.version)) for part in parts}
    identities, numbers = np.unique(present, return_inverse=True)
    anonymous = int(np.searchsorted(identities, "")) if "" in identities else -1
    users, size = user_shares.numbered(numbers, anonymous=anonymous)
    if size < FEWEST_USERS:
        return Split([ShownPart(part.version, part.weight, counts[part.version]) for part in parts], size)
    shares = [
        user_shares.user_share(users, ups, 1.0 - ups, size=size)
        for ups in ((named == part.version).astype(np.float64) for part in parts)
    ]
    bounds = user_shares.intervals(shares, level=1.0 - (1.0 - LEVEL) / len(parts))
    return Split(
        [
            ShownPart(part.version, part.weight, counts[part.version], share.value, *(bound or (None, None)))
            for part, share, bound in zip(parts, shares, bounds, strict=True)
        ],
        size,
    )
