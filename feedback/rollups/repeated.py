"""How many answers of a model version are one answer to many prompts, measured on the hourly sample."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from feedback.measures.repeats import SampledAnswer, repeated_of
from feedback.models import Deployment, RepeatedShare, SampledEvent
from feedback.quality import keys
from feedback.quality.assessment import answer_of_row
from feedback.rollups.estimates import Estimate, share
from feedback.stores import event_store
from feedback.stores.base import EventFilter
from feedback.times import floor_hour

# The newest sampled events of a deployment that are read, and how old they may be.
MOST, DAYS = 2_000, 7
# A version with fewer sampled answers has not enough data.
FEWEST = 100
# Events whose texts are in memory at a time.
CHUNK = 200
_COLUMNS = ("id", "prompt", "messages", "response", "response_message", "response_format", "finish_reason")


class Repeated(NamedTuple):
    """The sampled answers of a version, and the share of repeated ones: None if there are too few to tell."""

    n: int
    share: Estimate | None


def measure_all() -> None:
    """Measure every deployment. Safe to run twice at once."""
    deployment_ids = list(Deployment.objects.order_by("pk").values_list("pk", flat=True))
    for deployment_id in deployment_ids:
        measure(deployment_id)
    RepeatedShare.objects.exclude(deployment_id__in=deployment_ids).delete()


def set_keys(deployment_id: str) -> list[UUID]:
    """Set the missing keys of the newest sampled events of a deployment; return the ids of these events."""
    since = floor_hour(datetime.now(UTC) - timedelta(days=DAYS))
    newest = SampledEvent.objects.newest_since(deployment_id, since)
    ids = list(newest.values_list("event_id", "answer_key")[:MOST])
    _set_keys([str(event_id) for event_id, key in ids if key is None])
    return [event_id for event_id, _ in ids]


def measure(deployment_id: str) -> None:
    """Count the repeated answers of each version among the newest sampled events."""
    answers = sampled_answers(SampledEvent.objects.members().filter(pk__in=set_keys(deployment_id)))
    rows = _shares(deployment_id, answers)
    with transaction.atomic():
        former = RepeatedShare.objects.filter(deployment_id=deployment_id)
        former.exclude(model_version_id__in=[row.model_version_id for row in rows]).delete()
        RepeatedShare.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["deployment_id", "model_version_id"],
            update_fields=["n", "repeated", "answers", "first_at"],
        )


def sampled_answers(events) -> list[SampledAnswer]:
    """The answers of these sampled events, as far as their keys are known."""
    columns = ("model_version_id", "prompt_key", "answer_key", "answer_characters", "occurred_at")
    return [
        SampledAnswer(version, bytes(prompt), bytes(answer), characters, occurred_at)
        for version, prompt, answer, characters, occurred_at in events.keyed().values_list(*columns)
    ]


def of_versions(deployment: Deployment) -> dict[str, Repeated]:
    """The newest measurement by model version. deployment: read `with_repeats`."""
    return {
        row["model_version_id"]: Repeated(row["n"], share(row["repeated"], row["n"]) if row["n"] >= FEWEST else None)
        for row in deployment.repeats
    }


def _shares(deployment_id: str, answers: Sequence[SampledAnswer]) -> list[RepeatedShare]:
    repeated = repeated_of(answers)
    by_version: defaultdict[str, list[SampledAnswer]] = defaultdict(list)
    for one in answers:
        by_version[one.version].append(one)
    return [
        RepeatedShare(
            deployment_id=deployment_id,
            model_version_id=version,
            n=len(some),
            repeated=sum(one.characters > 0 and (version, one.answer) in repeated for one in some),
            answers=sum(of == version for of, _ in repeated),
            first_at=min(one.occurred_at for one in some),
        )
        for version, some in sorted(by_version.items())
    ]


def _set_keys(event_ids: Sequence[str]) -> None:
    for start in range(0, len(event_ids), CHUNK):
        events = event_store().scan(EventFilter(ids=event_ids[start : start + CHUNK]), _COLUMNS).read_all().to_pylist()
        sampled = []
        for event in events:
            answer = answer_of_row(event)
            sampled.append(
                SampledEvent(
                    event_id=event["id"],
                    prompt_key=keys.context_key(event),
                    answer_key=keys.answer_key(answer),
                    answer_characters=keys.free_characters(event, answer),
                )
            )
        SampledEvent.objects.bulk_update(sampled, ["prompt_key", "answer_key", "answer_characters"])
