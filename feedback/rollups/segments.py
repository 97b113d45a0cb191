"""To which segments events belong, and which names are counted by themselves."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from feedback import exact_json
from feedback.advisory_locks import AdvisoryLock
from feedback.measures.catalogue import BOUNDED, Measure, Named
from feedback.measures.measuring import Measured, Place
from feedback.models import Deployment, KnownName, SegmentKey
from feedback.rollups import own_versions

# The key of the segments by the event's own field, which every deployment has.
EXPERIMENT = "experiment"
NAMES_EACH = 50
LONGEST_NAME = 100
OTHER = "other"
# Writers that have read the former keys store nothing received after this, so an event's segments never change.
NOTICE = timedelta(seconds=1)
# One lock for all names of events, so that no two transactions take two in different orders. Labels have one of their
# own: they are learnt after the lock of signals is taken.
_LOCK_NAMES, _LOCK_LABELS = (
    f"SELECT pg_advisory_xact_lock({number})" for number in (AdvisoryLock.NAMES, AdvisoryLock.LABELS)
)


def choose(deployment_id: str, keys: Sequence[str]) -> None:
    """Split the rollups by these metadata keys, for events received from now on; call it in a transaction."""
    moment = timezone.now() + NOTICE
    current = SegmentKey.objects.filter(deployment_id=deployment_id, until_at=None)
    current.exclude(key__in=keys).update(until_at=moment)
    there = set(current.values_list("key", flat=True))
    SegmentKey.objects.bulk_create(
        SegmentKey(deployment_id=deployment_id, key=key, since_at=moment) for key in keys if key not in there
    )


@dataclass(frozen=True)
class Group:
    """One place and segment, whose metrics are counted together."""

    place: Place
    segment: str


@dataclass(frozen=True)
class Placement:
    """Places by event, with versions beyond those of a day as `(other)`; pairs of an event's index and its segment;
    names that clients choose, with rare ones as `other`.
    """

    places: list[Place]
    indexes: list[int]
    segments: list[str]
    names: dict[Measure, list[Named]]


def place(measured: Measured, *, may_learn: bool) -> Placement:
    """Where each event counts. With may_learn, new names are registered up to NAMES_EACH per field."""
    experiments = _experiments(measured)
    values = [
        *((index, EXPERIMENT, name) for index, name in experiments.items()),
        *_segment_values(measured, experiments),
    ]
    chosen = list(_chosen_names(measured))
    wanted = {(measured.places[index].deployment_id, field, name) for index, field, name in (*values, *chosen)}
    known = _known(wanted, may_learn=may_learn) if wanted else set()

    def shown(index: int, field: str, name: str) -> str:
        return name if (measured.places[index].deployment_id, field, name) in known else OTHER

    found: dict[tuple[str, int], dict[str, None]] = defaultdict(dict)
    for index, field, name in chosen:
        found[field, index][shown(index, field, name)] = None
    names: dict[Measure, list[Named]] = {
        one: [tuple(found.get((one.metric, index), ())) or None for index in range(len(measured.ids))]
        for one in BOUNDED
    }
    indexes, segments = list(range(len(measured.ids))), [""] * len(measured.ids)
    for index, field, name in values:
        indexes.append(index)
        segments.append(f"{field.removeprefix(_METADATA)}={shown(index, field, name)}")
    places = own_versions.own_places(measured.places, lock=_LOCK_NAMES, may_learn=may_learn)
    return Placement(places, indexes, segments, names)


_METADATA = "metadata."


def _chosen_names(measured: Measured) -> Iterable[tuple[int, str, str]]:
    """(index of the event, field, name) of each name that a client chose."""
    for one in BOUNDED:
        for index, found in enumerate(measured.names.get(one, ())):
            for name in found if isinstance(found, tuple) else (found,):
                if name:
                    yield index, one.metric, name[:LONGEST_NAME]


def _experiments(measured: Measured) -> dict[int, str]:
    """The experiment of each event that is counted by it, by the event's index."""
    found = {index: name[:LONGEST_NAME] for index, name in enumerate(measured.experiments) if name}
    if not found:
        return {}
    names = {measured.places[index].deployment_id for index in found}
    since = dict(Deployment.objects.filter(pk__in=names).with_earlier_experiments())
    if not since:
        return found
    return {
        index: name
        for index, name in found.items()
        if (at := since.get(measured.places[index].deployment_id)) is None or measured.received_at[index] >= at
    }


def _segment_values(measured: Measured, experiments: Mapping[int, str]) -> list[tuple[int, str, str]]:
    """(index of the event, field, value) of each segment of metadata that an event belongs to.

    A key with the name of the field counts where the field does not.
    """
    keys = defaultdict(list)
    names = {place.deployment_id for place in measured.places}
    for row in SegmentKey.objects.filter(deployment_id__in=names):
        keys[row.deployment_id].append(row)
    if not keys:
        return []
    return [
        (index, _METADATA + key, value)
        for index, place in enumerate(measured.places)
        if place.deployment_id in keys
        for key, value in _values(keys[place.deployment_id], measured.metadata[index], measured.received_at[index])
        if key != EXPERIMENT or index not in experiments
    ]


def _values(keys: Iterable[SegmentKey], metadata: str, received_at) -> Iterable[tuple[str, str]]:
    wanted = {
        row.key for row in keys if row.since_at <= received_at and (not row.until_at or received_at < row.until_at)
    }
    if not wanted:
        return
    held: dict[str, Any] = exact_json.decode(metadata)
    for key in sorted(wanted):
        if (shown := shown_value(held.get(key))) is not None:
            yield key, shown[:LONGEST_NAME]


def shown_value(value: Any) -> str | None:
    """How the segment of a value of metadata is shown; None for a value that makes no segment."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float | Decimal) else None


def known_labels(wanted: set[tuple[str, str, str]], *, may_learn: bool) -> set[tuple[str, str, str]]:
    """Those of these labels, given as (deployment, metric, label), that are counted by themselves; call it after the
    lock of signals is taken. With may_learn, new ones are registered up to NAMES_EACH per metric.
    """
    return _known(wanted, may_learn=may_learn, lock=_LOCK_LABELS) if wanted else set()


def _known(wanted: set[tuple[str, str, str]], *, may_learn: bool, lock: str = _LOCK_NAMES) -> set[tuple[str, str, str]]:
    known = _read(wanted)
    if may_learn and _learnable(wanted, known):
        with connection.cursor() as cursor:
            # Of two writers with new names the second sees the first one's.
            cursor.execute(lock)
        known = _read(wanted)
        new = _learnable(wanted, known)
        KnownName.objects.bulk_create([KnownName(deployment_id=d, field=f, name=n) for d, f, n in new])
        known |= set(new)
    return known


def _read(wanted: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    deployments, fields, _ = (set(parts) for parts in zip(*wanted, strict=True))
    rows = KnownName.objects.filter(deployment_id__in=deployments, field__in=fields)
    return set(rows.values_list("deployment_id", "field", "name"))


def _learnable(wanted, known) -> list[tuple[str, str, str]]:
    """The new names that there is room for, in the order of the alphabet."""
    room: dict[tuple[str, str], int] = defaultdict(lambda: NAMES_EACH)
    for deployment_id, field, _ in known:
        room[deployment_id, field] -= 1
    learnt = []
    for deployment_id, field, name in sorted(wanted - known):
        if room[deployment_id, field] > 0:
            room[deployment_id, field] -= 1
            learnt.append((deployment_id, field, name))
    return learnt
