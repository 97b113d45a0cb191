"""Segments of a report: versions, and the segment keys of the deployment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from drift.measures import watched
from feedback.measures.histograms import Categories
from feedback.rollups.segments import EXPERIMENT, Group

VERSIONS = ("model_version_id", "prompt_version")


def parts_of_group(group: Group, split_by: Sequence[str]) -> list[str]:
    """The segments of one rollup group; "" is the whole window."""
    if group.segment:
        return [group.segment] if group.segment.partition("=")[0] in split_by else []
    versions = [(name, getattr(group.place, name)) for name in VERSIONS if name in split_by]
    return ["", *(f"{name}={version}" for name, version in versions if version)]


def distributions(sizes: Mapping[str, int]) -> dict[str, Categories]:
    """The distribution of events over the values of each metadata key. sizes: numbers of events by segment.

    Experiments are left out: who is in which arm is decided, and no drift.
    """
    names: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for segment, n in sorted(sizes.items()):
        key, _, value = segment.partition("=")
        if key != EXPERIMENT:
            names[watched.METADATA + key][value] = n
    return {metric: Categories(counts) for metric, counts in names.items()}
