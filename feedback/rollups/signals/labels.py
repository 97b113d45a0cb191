"""Which values of labels are categories of their own: the first of each name, like other names that clients choose."""

from collections.abc import Iterable, Mapping

from django.db import transaction

from feedback.choices import Metric, SignalType
from feedback.measures.signals import label_of, metric_of
from feedback.rollups import segments
from feedback.rollups.segments import LONGEST_NAME, OTHER
from feedback.stores import event_store
from feedback.stores.base import SignalChange, SignalFilter

# A deployment, a metric, and a value of its labels.
Label = tuple[str, str, str]


def known(changes: Iterable[SignalChange], deployment_of: Mapping[str, str], *, may_learn: bool) -> set[Label]:
    """The labels of these changes that are counted by themselves. deployment_of: that of each event, by its id.

    Only those that come are learnt: one that goes was counted before.
    """
    coming: set[Label] = set()
    going: set[Label] = set()
    for change in changes:
        if change.sign and change.type == SignalType.LABEL and (value := value_of(change.value)) != OTHER:
            label = (deployment_of[change.event_id], metric_of(Metric.LABEL, change.name), value)
            (coming if change.sign > 0 else going).add(label)
    found = segments.known_labels(coming, may_learn=may_learn)
    return found | segments.known_labels(going - found, may_learn=False)


def value_of(value: str | None) -> str:
    """The category of a label's value, given as JSON text."""
    label = label_of(value)
    return OTHER if label is None or len(label) > LONGEST_NAME else label


def learn(deployment_id: str) -> None:
    """Register the labels that are live, as far as there is room; before they are counted in a longer transaction."""
    where = SignalFilter(deployment_id=deployment_id, types=[SignalType.LABEL])
    labels: set[Label] = set()
    for batch in event_store().scan_signals(where, ["name", "value"]):
        found = {(row["name"], value_of(row["value"])) for row in batch.to_pylist()}
        labels |= {(deployment_id, metric_of(Metric.LABEL, name), value) for name, value in found if value != OTHER}
    with transaction.atomic():
        segments.known_labels(labels, may_learn=True)
