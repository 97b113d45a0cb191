"""Quality of one answer, and of the newest answers of a deployment."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework.exceptions import ValidationError

from feedback.api.errors import field_errors
from feedback.ingestion.items import InvalidItem
from feedback.models import Deployment
from feedback.quality import assessment
from feedback.rollups.rolling import rolling_average
from feedback.serializers.quality import AssessRequestSerializer

_READ = tuple(name for name in AssessRequestSerializer().fields if name not in ("profile", "deployment_id"))


def assess_quality(event: Mapping[str, Any], *, profile: str = "default") -> dict[str, Any]:
    """Score one answer; nothing is stored.

    Parameters
    ----------
    event : mapping
        `response`, a text or a whole message, or `messages` that end with one; optionally `tools`, `tool_choice`,
        `response_format` and `finish_reason`. Other keys of an event are ignored.
    profile : str
        `default`, by which events are scored when they are stored, or `crucible` for the numbers of CrucibleFeedback.

    Returns
    -------
    dict
        `score` (0 to 1), `checks`, each with `check`, `score`, `passed`, `details` and `version`, `caps`, each with
        `name` and `at`, and the `profile` with its `version`.

    Raises
    ------
    InvalidItem
        There is no response, a field cannot be read, or the profile is unknown.
    """
    given = {name: event[name] for name in _READ if name in event}
    body = AssessRequestSerializer(data={**given, "profile": profile})
    try:
        body.is_valid(raise_exception=True)
    except ValidationError as error:
        raise InvalidItem(field_errors(error)) from error
    found = assessment.assess(**body.validated_data)
    return {
        "score": found.score,
        "checks": [
            {
                "check": check.name,
                "score": check.score,
                "passed": check.passed,
                "details": check.details,
                "version": check.version,
            }
            for check in found.checks
        ],
        "caps": [{"name": cap.name, "at": cap.at} for cap in found.caps],
        "profile": found.profile,
        "version": found.version,
    }


def get_quality_stats(deployment_id: str) -> dict[str, Any]:
    """The rolling average of quality.

    Returns
    -------
    dict
        `rolling_average`: the mean score of the checks (0 to 1) over the newest `QUALITY_WINDOW` scored events, None
        without any; `n` of them; `interval`, the 95 % interval of the mean as [low, high], None below two events.

    Raises
    ------
    Deployment.DoesNotExist
    """
    Deployment.objects.only("pk").get(pk=deployment_id)
    average = rolling_average(deployment_id, settings.QUALITY_WINDOW)
    interval = None if average.low is None else [average.low, average.high]
    return {"rolling_average": average.mean, "n": average.n, "interval": interval}
