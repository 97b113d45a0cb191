"""Which events are in a registered evaluation set, and what matched."""

from collections.abc import Sequence
from dataclasses import dataclass

from curation.decontamination.decontaminator import Hit
from curation.decontamination.registering import decontaminator
from curation.models import ContaminatedEvent, CuratedPair, CuratedSet
from feedback.embeddings import clients


@dataclass(frozen=True)
class Author:
    """Whose event it is, and who edited its answer."""

    event_id: str
    user: str
    editor: str


class EvaluationSets:
    """All registered evaluation sets and the golden sets of a deployment, loaded once, and what was found in them."""

    def __init__(self, deployment_id: str) -> None:
        self._decontaminator = decontaminator(deployment_id=deployment_id, embed=clients.embed)
        self._found: dict[str, tuple[Author, Hit]] = {}

    def hits(self, authors: Sequence[Author], prompts: Sequence[str], answers: Sequence[str]) -> dict[str, Hit]:
        """By id, of events whose prompt or answer is in an evaluation set."""
        in_prompts, in_answers = self._decontaminator.hits(prompts), self._decontaminator.hits(answers)
        hits = {}
        for author, one, other in zip(authors, in_prompts, in_answers, strict=True):
            if hit := one or other:
                hits[author.event_id] = hit
                self._found[author.event_id] = author, hit
        return hits

    def without_hits(self, pairs: Sequence[CuratedPair]) -> list[CuratedPair]:
        """The pairs whose prompt and chosen answer are in no evaluation set."""
        authors = [Author(str(pair.chosen_event_id), pair.user_hash, pair.editor_hash) for pair in pairs]
        hits = self.hits(authors, [pair.prompt for pair in pairs], [pair.chosen for pair in pairs])
        return [pair for pair in pairs if str(pair.chosen_event_id) not in hits]

    def report(self, curated_set: CuratedSet) -> list[ContaminatedEvent]:
        """What was found, for the set."""
        return [
            ContaminatedEvent(
                curated_set=curated_set,
                event_id=event_id,
                user_hash=author.user,
                editor_hash=author.editor,
                evaluation_set=hit.evaluation_set,
                row=hit.row,
                method=hit.method,
                matched=hit.matched,
                similarity=hit.similarity,
            )
            for event_id, (author, hit) in self._found.items()
        ]
