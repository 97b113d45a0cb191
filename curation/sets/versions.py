"""Numbers a new version of a set after those that there are."""

from curation.models import CuratedSet
from curation.sets.numbering import Step, Version, following


def number(curated_set: CuratedSet, parent: CuratedSet | None, step: Step) -> None:
    """Give an unsaved set its parent and version. The caller holds the lock of the deployment."""
    named = CuratedSet.objects.of(curated_set.deployment_id, curated_set.name)
    existing = [Version(*row) for row in named.values_list("major", "minor", "patch")]
    before = Version(parent.major, parent.minor, parent.patch) if parent else None
    curated_set.parent = parent
    curated_set.major, curated_set.minor, curated_set.patch = following(before, step, existing)
