"""What the checks and users say of one deployment, for its page."""

from dataclasses import dataclass

from django.utils import timezone

from feedback.access.viewing import may_view
from feedback.console import trend_figures
from feedback.console.trend_figures import Card, Table
from feedback.evidence.keeping.tables import table_of
from feedback.models import Deployment
from feedback.rollups import repeated
from feedback.rollups.trends import DEFAULT_RANGE, period, trends


@dataclass(frozen=True)
class DeploymentFigures:
    """The figures of a period. recounting: the deployment's id while its signals are being counted again."""

    label: str
    cards: list[Card]
    versions: Table | None
    recounting: list[str]


def build(user, deployment: Deployment) -> DeploymentFigures | None:
    """The figures of the last days; None for a user who may not view both events and signals.

    deployment: read `with_recounts` and `with_repeats`.
    """
    if not (may_view(user, "feedback.event") and may_view(user, "feedback.signal")):
        return None
    of = period(DEFAULT_RANGE, timezone.now())
    shown = trends(of, {deployment.pk: table_of(deployment)}, deployment.pk)
    return DeploymentFigures(
        label=of.label,
        cards=[*trend_figures.event_cards(shown), *trend_figures.feedback_cards(shown, with_events=True)],
        versions=trend_figures.by_version(shown, repeated.of_versions(deployment)) if shown.versions else None,
        recounting=[deployment.pk] if deployment.is_recounting else [],
    )
