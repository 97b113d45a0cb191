"""Makes the rows of a set: copies of what was picked, with the texts as they are now."""

from collections.abc import Iterator, Sequence

from curation.candidates import texts
from curation.models import CuratedExample, CuratedSet
from curation.strategies.base import Candidate, Pick
from curation.strategies.user_edit import PLUGIN as USER_EDIT
from feedback.conversations import canonical
from feedback.conversations.dialects import openai
from feedback.stores.schema import Row


def examples(
    curated_set: CuratedSet, candidates: Sequence[Candidate], picks: Sequence[Pick]
) -> Iterator[tuple[Pick, CuratedExample | None]]:
    """Each pick with its row, None if its event or edit was deleted meanwhile; positions count the rows."""
    edits = texts.of_edits([edit for edit in (edit_id(candidates[pick.index], pick) for pick in picks) if edit])
    position, tools = 0, texts.DeclaredTools(curated_set.deployment_id)
    ids = [candidates[pick.index].event_id for pick in picks]
    for pick, (_, row) in zip(picks, texts.of_events(ids), strict=True):
        candidate = candidates[pick.index]
        signal = edit_id(candidate, pick)
        if row is None or signal and signal not in edits:
            yield pick, None
            continue
        example = _example(curated_set, position, candidate, pick, row, edits.get(signal, ""))
        example.tools = tools.of(row)
        yield pick, example
        position += 1


def edit_id(candidate: Candidate, pick: Pick) -> str:
    """The signal of the edit that is the answer of a row, "" for the answer of the model."""
    is_edit = pick.strategy == USER_EDIT.name and candidate.edit is not None
    return candidate.edit.edit_id if is_edit and candidate.edit else ""


def _example(
    curated_set: CuratedSet, position: int, candidate: Candidate, pick: Pick, row: Row, edited: str
) -> CuratedExample:
    return CuratedExample(
        curated_set=curated_set,
        position=position,
        event_id=candidate.event_id,
        user_hash=candidate.user,
        session_hash=candidate.session,
        editor_hash=candidate.edit.editor if edited and candidate.edit else "",
        strategy=pick.strategy,
        score=pick.score,
        reason=pick.reason,
        queue_reason=pick.queue_reason,
        p_good=candidate.p_good,
        users=candidate.users if candidate.has_evidence else None,
        prompt=row["prompt"],
        messages=messages_of(row["messages"]),
        response=row["response"],
        response_message=message_of(row["response_message"]),
        edited_response=edited,
        model_version_id=candidate.version,
        occurred_at=candidate.occurred_at,
    )


def messages_of(stored: str | None) -> list[dict] | None:
    """Stored messages as OpenAI's Chat Completions has them; None for a prompt without messages."""
    return openai.to_openai(canonical.decode(stored)) if stored else None


def message_of(stored: str | None) -> dict | None:
    """A stored answer that is more than a text, likewise."""
    return (messages_of(stored) or [None])[0]
