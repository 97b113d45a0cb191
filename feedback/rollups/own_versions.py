"""Which model and prompt versions of a day have rollups of their own; the rest of the day counts as one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from django.db import connection

from feedback.choices import VersionKind
from feedback.measures.measuring import Place
from feedback.models import OwnVersion

# Raising this would move events of a full day that are counted already.
VERSIONS_A_DAY = 50
OTHER = "(other)"


class Version(NamedTuple):
    """A model version in the events of one deployment and day, or a prompt version of a model."""

    deployment_id: str
    day: date
    kind: str
    model: str
    prompt: str

    @property
    def group(self) -> tuple[str, date, str]:
        return self[:3]


_KNOWN = """
    SELECT known.deployment_id, known.day, known.kind, known.model_version_id, known.prompt_version
    FROM unnest(%s::text[], %s::date[], %s::text[], %s::text[], %s::text[])
        AS wanted (deployment_id, day, kind, model_version_id, prompt_version)
    JOIN feedback_ownversion AS known USING (deployment_id, day, kind, model_version_id, prompt_version)
"""
_COUNTS = """
    SELECT known.deployment_id, known.day, known.kind, count(*)
    FROM unnest(%s::text[], %s::date[], %s::text[]) AS wanted (deployment_id, day, kind)
    JOIN feedback_ownversion AS known USING (deployment_id, day, kind) GROUP BY 1, 2, 3
"""


def own_places(places: Sequence[Place], *, lock: str, may_learn: bool) -> list[Place]:
    """The places where events count: those beyond the first VERSIONS_A_DAY versions of a day are of OTHER.

    Prompt versions are counted with their model, so that a day has few combinations. A version without a row counts by
    itself as long as its day has room, and nothing once counted as OTHER ever gets a row, so an event is subtracted
    where it was added. lock: the statement that lets one transaction at a time learn.
    """
    shown = {id(place): place for place in places}
    for version_of, show in ((_model, _without_model), (_prompt, _without_prompt)):
        wanted = {version for place in shown.values() if (version := version_of(place))}
        beyond = wanted - _own(wanted, lock=lock, may_learn=may_learn) if wanted else set()
        if beyond:
            shown = {key: show(place) if version_of(place) in beyond else place for key, place in shown.items()}
    return [shown[id(place)] for place in places]


def _model(place: Place) -> Version | None:
    name = place.model_version_id
    return Version(place.deployment_id, place.hour_at.date(), VersionKind.MODEL.value, name, "") if name else None


def _prompt(place: Place) -> Version | None:
    if not place.prompt_version:
        return None
    names = place.model_version_id, place.prompt_version
    return Version(place.deployment_id, place.hour_at.date(), VersionKind.PROMPT.value, *names)


def _without_model(place: Place) -> Place:
    return replace(place, model_version_id=OTHER)


def _without_prompt(place: Place) -> Place:
    return replace(place, prompt_version=OTHER)


def _own(wanted: set[Version], *, lock: str, may_learn: bool) -> set[Version]:
    known = _known(wanted)
    if known == wanted:
        return known
    new = _with_room(wanted - known)
    if may_learn and new:
        with connection.cursor() as cursor:
            cursor.execute(lock)
        # Of two writers with new versions the second sees those of the first.
        known = _known(wanted)
        new = _with_room(wanted - known)
        OwnVersion.objects.bulk_create(
            OwnVersion(
                deployment_id=one.deployment_id,
                day=one.day,
                kind=one.kind,
                model_version_id=one.model,
                prompt_version=one.prompt,
            )
            for one in new
        )
    return known | set(new)


def _known(wanted: Iterable[Version]) -> set[Version]:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, list(map(list, zip(*wanted, strict=True))))
        return {Version(*row) for row in cursor.fetchall()}


def _with_room(versions: set[Version]) -> list[Version]:
    """The versions that there is room for, in the order of the alphabet."""
    if not versions:
        return []
    groups = {version.group for version in versions}
    room: defaultdict[tuple, int] = defaultdict(lambda: VERSIONS_A_DAY)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, list(map(list, zip(*groups, strict=True))))
        for *group, count in cursor.fetchall():
            room[tuple(group)] = VERSIONS_A_DAY - count
    found = []
    for version in sorted(versions):
        if room[version.group] > 0:
            room[version.group] -= 1
            found.append(version)
    return found
