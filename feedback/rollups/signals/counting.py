"""What changes of live signals add to rollups: signals by type, ratings, labels, and the states of their events."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np

from feedback.choices import FeedbackState, Metric, SignalType
from feedback.evidence.keeping.tables import weight_tables
from feedback.evidence.votes import collect
from feedback.evidence.weights import WeightTable
from feedback.measures.binning import Kind, bins_of
from feedback.measures.catalogue import SIGNAL, Measure, kind_of
from feedback.measures.histograms import sum_by_bin
from feedback.measures.signals import metric_of, number_of
from feedback.rollups.segments import OTHER, Group
from feedback.rollups.signals import labels
from feedback.rollups.signals.labels import Label
from feedback.rollups.tally import Cell, Cells
from feedback.stores.base import SignalChange

# A measure, a name or a number, and how many times more it is counted.
Part = tuple[Measure, str | float, int]


def cells_of(
    changes: Iterable[SignalChange], groups: Mapping[str, Sequence[Group]], *, may_learn: bool = False
) -> dict[Group, Cells]:
    """What changes add to each group, by the weights in force. groups: those of each event, by its id; changes of other
    events are left out. With may_learn, new labels are registered.

    Of an event with a change all signals must be there, as `attach_signals` gives them.
    """
    by_event: defaultdict[str, list[SignalChange]] = defaultdict(list)
    for change in changes:
        if groups.get(change.event_id):
            by_event[change.event_id].append(change)
    if not by_event:
        return {}
    deployment_of = {event_id: groups[event_id][0].place.deployment_id for event_id in by_event}
    tables = weight_tables(deployment_of.values())
    known = labels.known(chain.from_iterable(by_event.values()), deployment_of, may_learn=may_learn)
    counts: defaultdict[Group, defaultdict[Measure, Counter[str | float]]] = defaultdict(lambda: defaultdict(Counter))
    for event_id, of_event in by_event.items():
        deployment_id = deployment_of[event_id]
        parts = [*_parts(of_event, deployment_id, known), *_states(of_event, tables[deployment_id])]
        for group in groups[event_id]:
            for measure, what, sign in parts:
                counts[group][measure][what] += sign
    cells = {
        group: {measure: cell for measure, counted in found.items() if (cell := _cell(measure, counted)) is not None}
        for group, found in counts.items()
    }
    return {group: found for group, found in cells.items() if found}


def _parts(changes: Iterable[SignalChange], deployment_id: str, known: set[Label]) -> Iterable[Part]:
    for change in changes:
        if not change.sign:
            continue
        yield SIGNAL, str(change.type), change.sign
        if change.type == SignalType.RATING and (number := number_of(change.value)) is not None:
            yield Measure(metric_of(Metric.RATING, change.name)), number, change.sign
        if change.type == SignalType.LABEL:
            metric, value = metric_of(Metric.LABEL, change.name), labels.value_of(change.value)
            yield Measure(metric), value if (deployment_id, metric, value) in known else OTHER, change.sign


def _states(changes: Sequence[SignalChange], table: WeightTable) -> Iterable[Part]:
    """The state that the event leaves, and the one that it enters; an event without one is not counted."""
    measure = Measure(Metric.FEEDBACK_STATE.value, version=table.version)
    before, after = (state_of([one for one in changes if one.sign in signs], table) for signs in ((-1, 0), (0, 1)))
    for state, sign in ((before, -1), (after, 1)):
        if before != after and state != FeedbackState.NONE:
            yield measure, state.value, sign


def state_of(signals: Iterable[SignalChange], table: WeightTable) -> FeedbackState:
    """What live signals of one event say together."""
    # Whose votes they are decides nothing here.
    return collect((0, table.vote(signal.type, signal.name, signal.value)) for signal in signals).state


def _cell(measure: Measure, counted: Mapping[str | float, int]) -> Cell | None:
    there = {what: count for what, count in counted.items() if count}
    if not there:
        return None
    n = sum(there.values())
    if kind_of(measure.metric) == Kind.CATEGORY:
        return Cell(n, names={str(what): count for what, count in there.items()})
    values, counts = np.array(list(there), dtype=np.float64), np.array(list(there.values()), dtype=np.int64)
    bins, sums = sum_by_bin(bins_of(values, Kind.AMOUNT), counts)
    return Cell(n, float(values @ counts), float(values**2 @ counts), bins, sums)
