"""Builds a curated set: reads candidates, selects, and stores a snapshot of each."""

from collections import Counter

import numpy as np
import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from curation.choices import CuratedSetStatus
from curation.models import CuratedExample, CuratedSet
from curation.sets import candidates
from curation.sets.content import content_hash
from curation.strategies import picks, selection
from feedback.conversations import canonical
from feedback.conversations.dialects import openai
from feedback.embeddings import clients

log = structlog.get_logger(__name__)


def build(set_id: int) -> CuratedSet:
    """Fill a set in status building; any other stays unchanged, so a second run has no effect.

    A failure is shown on the set and raised.
    """
    curated_set = CuratedSet.objects.get(pk=set_id)
    if curated_set.status != CuratedSetStatus.BUILDING:
        return curated_set
    try:
        _fill(curated_set)
    except Exception as error:
        _finish(curated_set, error=f"The build failed: {type(error).__name__}: {error}")
        raise
    curated_set.refresh_from_db()
    log.info(
        "curation_run",
        deployment_id=curated_set.deployment_id,
        curated_set=set_id,
        count=curated_set.total,
        candidates=curated_set.candidates,
        **curated_set.counts,
    )
    return curated_set


def _fill(curated_set: CuratedSet) -> None:
    if not curated_set.deployment.training_allowed:
        _finish(curated_set, candidates=0, error="This deployment allows no training: its training_allowed is off.")
        return
    found = candidates.read(curated_set.deployment_id, bound=settings.CURATION_CANDIDATES)
    chosen = selection.select(
        found,
        strategies=curated_set.strategies,
        limit=curated_set.limit,
        rules=picks.Rules(
            min_quality=settings.CURATION_MIN_QUALITY_SCORE,
            max_hard_quality=settings.CURATION_MAX_HARD_QUALITY,
            diverse_pool=settings.CURATION_DIVERSE_POOL,
        ),
        embed=clients.embed,
        rng=np.random.default_rng(curated_set.seed),
    )
    whole = candidates.complete(chosen)
    examples = [_example(curated_set, position, pick) for position, pick in enumerate(whole)]
    counts = Counter(example.strategy for example in examples)
    if not examples:
        strategies = ", ".join(curated_set.strategies)
        nothing = f"Nothing to curate: none of the {len(found):,} events read matches {strategies}."
        _finish(curated_set, candidates=len(found), error=nothing)
        return
    with transaction.atomic():
        finished = _finish(
            curated_set,
            candidates=len(found),
            counts={strategy: counts[strategy] for strategy in curated_set.strategies if counts[strategy]},
            content_hash=content_hash(examples),
        )
        if finished:
            CuratedExample.objects.bulk_create(examples, batch_size=500)


def _finish(curated_set: CuratedSet, **facts) -> int:
    return (
        CuratedSet.objects.building()
        .filter(pk=curated_set.pk)
        .update(status=CuratedSetStatus.DRAFT, built_at=timezone.now(), **facts)
    )


def _example(curated_set: CuratedSet, position: int, pick: picks.Pick) -> CuratedExample:
    candidate = pick.candidate
    return CuratedExample(
        curated_set=curated_set,
        position=position,
        event_id=candidate.event_id,
        user_hash=candidate.user_hash,
        editor_hash=candidate.editor_hash,
        strategy=pick.strategy,
        score=pick.score,
        reason=pick.reason,
        prompt=candidate.prompt,
        messages=_messages(candidate.messages),
        response=candidate.response,
        response_message=(_messages(candidate.response_message) or [None])[0],
        edited_response=candidate.edited_response,
        model_version_id=candidate.model_version_id,
        occurred_at=candidate.occurred_at,
    )


def _messages(stored: str | None) -> list[dict] | None:
    return openai.to_openai(canonical.decode(stored)) if stored else None
