"""Which events are in a registered evaluation set, and what matched."""

from collections.abc import Sequence

from curation.decontamination.decontaminator import Hit
from curation.decontamination.registering import decontaminator
from curation.models import ContaminatedEvent, CuratedPair, CuratedSet
from feedback.embeddings import clients


class EvaluationSets:
    """All registered evaluation sets, loaded once for a build, and what was found in them."""

    def __init__(self) -> None:
        self._decontaminator = decontaminator(embed=clients.embed)
        self._found: dict[str, tuple[str, Hit]] = {}

    def hits(self, events: Sequence[tuple[str, str]], prompts: Sequence[str], answers: Sequence[str]) -> dict[str, Hit]:
        """By id, of events whose prompt or answer is in an evaluation set. events: ids with their users."""
        in_prompts, in_answers = self._decontaminator.hits(prompts), self._decontaminator.hits(answers)
        hits = {}
        for (event_id, user), one, other in zip(events, in_prompts, in_answers, strict=True):
            if hit := one or other:
                hits[event_id] = hit
                self._found[event_id] = user, hit
        return hits

    def without_hits(self, pairs: Sequence[CuratedPair]) -> list[CuratedPair]:
        """The pairs whose prompt and chosen answer are in no evaluation set."""
        events = [(str(pair.chosen_event_id), pair.user_hash) for pair in pairs]
        hits = self.hits(events, [pair.prompt for pair in pairs], [pair.chosen for pair in pairs])
        return [pair for pair in pairs if str(pair.chosen_event_id) not in hits]

    def report(self, curated_set: CuratedSet) -> list[ContaminatedEvent]:
        """What was found, for the set."""
        return [
            ContaminatedEvent(
                curated_set=curated_set,
                event_id=event_id,
                user_hash=user,
                evaluation_set=hit.evaluation_set,
                row=hit.row,
                method=hit.method,
                matched=hit.matched,
                similarity=hit.similarity,
            )
            for event_id, (user, hit) in self._found.items()
        ]
