"""How far the comparisons of a set are, and whether reviewers prefer a position."""

from dataclasses import dataclass

from django.db.models import Count, Q

from curation.choices import ComparisonVerdict
from curation.models import Comparison
from feedback.statistics.intervals import wilson

# Both ends of an interval are shown from so many preferences on.
FEWEST = 10


@dataclass(frozen=True)
class Compared:
    """Comparisons of a set: all, those decided, and those where each position was preferred."""

    total: int
    decided: int
    chose_a: int
    chose_b: int

    @property
    def left(self) -> int:
        return self.total - self.decided

    @property
    def preferences(self) -> int:
        return self.chose_a + self.chose_b

    @property
    def share_a(self) -> float | None:
        """How often A was preferred, 0 to 1; None with fewer than FEWEST preferences. Without a bias it is 0.5."""
        return self.chose_a / self.preferences if self.preferences >= FEWEST else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of this share."""
        return wilson(self.chose_a, self.preferences) if self.preferences >= FEWEST else None

    @property
    def is_biased(self) -> bool:
        """Whether reviewers prefer a position: the order is random, so half of the preferences are A."""
        return self.interval is not None and not self.interval[0] <= 0.5 <= self.interval[1]


def of_set(set_id: int) -> Compared:
    """The comparisons of a set, without those of rows that were dropped before they were compared."""
    is_open = Q(pk__in=Comparison.objects.of_set(set_id).to_decide().values("pk"))
    counts = Comparison.objects.of_set(set_id).aggregate(
        decided=Count("pk", filter=~Q(verdict="")),
        left=Count("pk", filter=is_open),
        chose_a=Count("pk", filter=Q(verdict=ComparisonVerdict.A)),
        chose_b=Count("pk", filter=Q(verdict=ComparisonVerdict.B)),
    )
    return Compared(counts["decided"] + counts["left"], counts["decided"], counts["chose_a"], counts["chose_b"])
