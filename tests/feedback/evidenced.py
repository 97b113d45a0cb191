"""Rows of evidence, as the task would fill them."""

from feedback.models import Evidence, EvidenceSnapshot
from tests.factories import NOON
from tests.feedback.stores import rows


def evidence(number, p_good, *, votes=(1.0,), **fields):
    """Evidence about the event of this number; one voter for each vote, 1 for the answer and 0 against it."""
    up = sum(votes)
    return Evidence.objects.create(
        event_id=rows.event_id(number),
        deployment_id=fields.pop("deployment_id", "helpdesk"),
        occurred_at=fields.pop("occurred_at", None) or rows.minutes(number),
        state="good" if up else "bad",
        voters=fields.pop("voters", [100 * number + place for place in range(len(votes))]),
        ups=list(votes),
        downs=[1 - vote for vote in votes],
        up=up,
        down=len(votes) - up,
        users=len(votes),
        approval=(up + 0.5) / (len(votes) + 1),
        p_good=p_good,
        weights_version="",
        **fields,
    )


def snapshot(deployment_id="helpdesk", **fields):
    return EvidenceSnapshot.objects.create(
        deployment_id=deployment_id,
        created_at=NOON,
        weights_version="",
        agreement=fields.pop("agreement", "enough"),
        **{"reliability": 0.8, "log_odds": 0.0, "events": 1, "votes": 1, "users": 1, "gold_scores": 0} | fields,
    )
