"""What a message says: the body of a webhook, and the subject and text of an e-mail.

Contains no user text and no personal data.
"""

from collections import Counter
from collections.abc import Sequence

from drift.choices import TriggerName
from drift.models import AlertDelivery, TriggerFiring

PAYLOAD_VERSION = 1
# A digest lists the first of its firings and counts all.
MOST_LISTED = 100


def payload(delivery: AlertDelivery) -> dict:
    """The body of a webhook message: what fired and why."""
    if delivery.firing:
        return {**_header(delivery, "trigger.fired"), "firing": _firing(delivery.firing)}
    if not delivery.digest_size:
        return _header(delivery, "test")
    return {
        **_header(delivery, "triggers.fired"),
        "count": delivery.digest_size,
        "by_trigger": _by_trigger(delivery),
        "firings": [_firing(firing) for firing in _listed(delivery)],
    }


def mail(delivery: AlertDelivery) -> tuple[str, str]:
    """The subject and the text of an e-mail."""
    firing = delivery.firing
    if firing:
        facts = [
            firing.evaluation.reason,
            "",
            f"Deployment: {firing.deployment_id}",
            f"Trigger: {firing.name}",
            f"Fired at: {firing.fired_at:%Y-%m-%d %H:%M:%S} UTC",
            f"Firing: {firing.pk}",
        ]
        return f"{firing.get_name_display()}: {firing.deployment_id}", _lines(facts)
    if delivery.digest_size:
        return f"{delivery.digest_size:,} triggers fired", _lines(_digest(delivery))
    return (
        "Crucible Feedback: test message",
        "This channel works. Alerts from retraining triggers will arrive here.\n",
    )


def _digest(delivery: AlertDelivery) -> list[str]:
    counts = ", ".join(f"{TriggerName(name).label} {count:,}" for name, count in _by_trigger(delivery).items())
    listed = _listed(delivery)
    left_out = delivery.digest_size - len(listed)
    rest = [f"{left_out:,} more are listed in the console under Firings."] if left_out > 0 else []
    rows = [f"{one.deployment_id} ({one.get_name_display()}): {one.evaluation.reason}" for one in listed]
    return [f"{counts}.", "", *rows, *rest]


def _header(delivery: AlertDelivery, kind: str) -> dict:
    return {"version": PAYLOAD_VERSION, "type": kind, "delivery": delivery.pk}


def _firing(firing: TriggerFiring) -> dict:
    evaluation = firing.evaluation
    return {
        "id": firing.pk,
        "deployment_id": firing.deployment_id,
        "trigger": firing.name,
        "value": evaluation.value,
        "threshold": evaluation.threshold,
        "reason": evaluation.reason,
        "drift_report": evaluation.report_id,
        "fired_at": firing.fired_at.isoformat(timespec="seconds"),
    }


def _listed(delivery: AlertDelivery) -> Sequence[TriggerFiring]:
    return list(delivery.firings.select_related("evaluation").order_by("pk")[:MOST_LISTED])


def _by_trigger(delivery: AlertDelivery) -> dict[str, int]:
    counts = Counter(delivery.firings.order_by().values_list("name", flat=True))
    return {str(name): counts[name] for name in TriggerName if counts[name]}


def _lines(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
