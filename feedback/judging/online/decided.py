"""Turns ballots into a judgement, or copies that of the same content."""

from collections.abc import Sequence
from typing import Any

from feedback.choices import JudgeExecution
from feedback.judging import storing, voting
from feedback.judging.budget import exact
from feedback.judging.masking import mask_of
from feedback.judging.panels import asking
from feedback.judging.panels import ballots as forms
from feedback.judging.panels.voters import Ballot
from feedback.judging.voting import Combined
from feedback.models import Judge, Judgement
from feedback.rubrics import scoring

_COPIED = ("answers", "agreement", "model", "rationale")
_MAX_MODEL_CHARACTERS = 255
_MAX_VERSION_CHARACTERS = 100


def known(judgement: Judgement) -> dict[str, Ballot]:
    """The ballots that an interrupted run has stored."""
    return forms.known(judgement.votes, judgement.rubric_version)


def keep(judgement: Judgement, ballot: Ballot) -> None:
    """Store a ballot, its rationale masked."""
    storing.keep_vote(judgement, forms.stored(ballot, text=lambda text: mask_of(judgement.deployment_id, text)))


def decide(judgement: Judgement, ballots: Sequence[Ballot], *, panel: Sequence[str]) -> bool:
    """Store the judgement that follows from ballots; return whether one does. panel: the models of the judge."""
    judge = judgement.judge
    combined = _combined(judge, ballots)
    facts = _costs(ballots) | {"agreement": combined.agreement}
    if combined.answers is None:
        storing.fail(judgement, _reason(combined, ballots), **facts)
        return False
    said = _speaker(ballots, combined)
    facts |= {"answers": combined.answers, "model": _model(ballots), "rationale": _rationale(judgement, said)}
    scored = scoring.score(judgement.rubric_version, combined.answers)
    return storing.complete(judgement, scored, facts, version=_version(judgement, panel))


def _combined(judge: Judge, ballots: Sequence[Ballot]) -> Combined:
    combined = voting.combine(
        asking.votes_of(judge, ballots),
        asking.scales_of(judge.rubric_version),
        strategy=judge.strategy,
        asked=len(ballots),
        min_agreement=judge.min_agreement,
    )
    if judge.execution_mode == JudgeExecution.CASCADE and combined.answers and ballots[-1].said is None:
        # Votes that were too unsure do not become enough because the next endpoint fails.
        return Combined(None, combined.agreement, "No vote is confident enough.")
    return combined


def copy(judgement: Judgement, *, panel: Sequence[str]) -> bool:
    """Judge as another event of the deployment with the same content was; return whether there is one."""
    same = Judgement.objects.judged().of_deployment(judgement.deployment_id).filter(content_key=judgement.content_key)
    found = same.order_by("pk").first()
    if found is None:
        return False
    facts: dict[str, Any] = {name: getattr(found, name) for name in _COPIED}
    scored = scoring.score(judgement.rubric_version, found.answers)
    facts |= {"is_cached": True, "latency_ms": 0.0, "votes": []}
    return storing.complete(judgement, scored, facts, version=_version(judgement, panel))


def _version(judgement: Judgement, panel: Sequence[str]) -> str:
    """All models of the panel, whichever of them voted: scores of two versions are never added up."""
    return f"{', '.join(dict.fromkeys(panel))} {judgement.rubric_version.label}"[-_MAX_VERSION_CHARACTERS:]


def _costs(ballots: Sequence[Ballot]) -> dict[str, Any]:
    return {
        "prompt_tokens": sum(ballot.usage.prompt_tokens for ballot in ballots),
        "completion_tokens": sum(ballot.usage.completion_tokens for ballot in ballots),
        "cost_usd": exact(sum(ballot.usage.cost_usd for ballot in ballots)),
        "latency_ms": max(ballot.latency_ms for ballot in ballots),
    }


def _reason(combined: Combined, ballots: Sequence[Ballot]) -> str:
    """Why there is no judgement: that of a single endpoint in its words, else what the votes say and why some lack."""
    missing = [f"{ballot.endpoint}: {ballot.reason}" for ballot in ballots if ballot.said is None]
    if len(ballots) == 1 and missing:
        return ballots[0].reason
    return " ".join([combined.reason, *missing])


def _model(ballots: Sequence[Ballot]) -> str:
    """The models that voted, each once."""
    names = dict.fromkeys(ballot.model for ballot in ballots if ballot.said)
    return ", ".join(names)[:_MAX_MODEL_CHARACTERS]


def _speaker(ballots: Sequence[Ballot], combined: Combined) -> Ballot:
    """The most confident of those whose answers are the judgement's, else of all."""
    usable = [ballot for ballot in ballots if ballot.said]
    agreeing = [ballot for ballot in usable if ballot.said and ballot.said.answers == combined.answers]
    return max(agreeing or usable, key=lambda ballot: (ballot.said and ballot.said.confidence) or 0.0)


def _rationale(judgement: Judgement, speaker: Ballot) -> str:
    """The rationale as it is stored with the vote: masked."""
    stored = {vote["endpoint"]: vote["rationale"] for vote in judgement.votes}
    return stored.get(speaker.endpoint, "")
