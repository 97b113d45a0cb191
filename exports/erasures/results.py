"""What an erasure changed in decided sets and their exports, and what is left to do by hand."""

from dataclasses import dataclass

from curation.choices import CuratedSetStatus
from exports.models import BlankedSet, Erasure, ExportBatch

BLANKED = "The rows of this user in decided sets were blanked: only their salted hashes are left."
BUILD_NEXT = (
    "Build the next version of each approved set, on its page or with POST curated-sets/{id}/next-version, "
    "and approve it; it does not contain this user."
)
DELETE_FILES = "Delete the files of the exports listed here, which still hold this user."
DELETE_COPIES = "Delete every copy of the exported files and retrain models that were trained on them."


@dataclass(frozen=True)
class Results:
    """Decided sets with blanked rows, and exports whose files held these rows."""

    sets: list[BlankedSet]
    exports: list[ExportBatch]

    @property
    def rows_blanked(self) -> int:
        return sum(blanked.rows for blanked in self.sets)

    @property
    def next_steps(self) -> str:
        """The steps in order; empty without any."""
        is_approved = any(blanked.curated_set.status == CuratedSetStatus.APPROVED for blanked in self.sets)
        steps = {
            BLANKED: bool(self.sets),
            BUILD_NEXT: is_approved,
            DELETE_FILES: any(batch.has_files for batch in self.exports),
            DELETE_COPIES: bool(self.exports),
        }
        return " ".join(step for step, is_needed in steps.items() if is_needed)


def of(erasure: Erasure) -> Results:
    sets = BlankedSet.objects.filter(erasure=erasure).select_related("curated_set")
    return Results(list(sets), list(ExportBatch.objects.affected_by(erasure)))
