"""The arms that a deployment has events for, with how many: versions, experiments and segments. Without SciPy."""

from dataclasses import dataclass

from drift.reading.from_rollups import EVER, Hours, sizes_of
from drift.windows.segments import VERSIONS
from feedback.rollups.own_versions import OTHER as OTHER_VERSIONS
from feedback.rollups.segments import EXPERIMENT, OTHER

MOST_EACH = 30


@dataclass(frozen=True)
class ArmChoice:
    """An arm as JSON, its name and how many events it has."""

    arm: dict[str, str]
    name: str
    events: int


def of_deployment(deployment_id: str) -> dict[str, list[ArmChoice]]:
    """By kind, the arms with most events first."""
    hours = Hours(deployment_id, [EVER])
    found = {name: sizes_of(hours.windows(), name) for name in VERSIONS}
    kinds: dict[str, list[ArmChoice]] = {
        label: [
            ArmChoice({name: version}, version, n) for version, n in found[name].items() if version != OTHER_VERSIONS
        ]
        for name, label in zip(VERSIONS, ("Model versions", "Prompt versions"), strict=True)
    }
    kinds |= {"Experiments": [], "Segments": []}
    for segment, n in sizes_of(hours.windows(segment=None), "segment").items():
        key, _, value = segment.partition("=")
        if value and value != OTHER:
            is_experiment = key == EXPERIMENT
            arm = {"experiment": value} if is_experiment else {"segment": segment}
            kinds["Experiments" if is_experiment else "Segments"].append(ArmChoice(arm, arm.get("segment", value), n))
    ordered = {
        label: sorted(arms, key=lambda one: (-one.events, one.name))[:MOST_EACH] for label, arms in kinds.items()
    }
    return {label: arms for label, arms in ordered.items() if arms}
