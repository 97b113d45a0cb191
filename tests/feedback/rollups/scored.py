"""Writing events and their scores as a writer does, and what the rollups say of them."""

from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from feedback import stores
from feedback.choices import SignalType
from feedback.measures import measuring
from feedback.rollups import deltas, rows
from feedback.stores import event_store, locks
from tests.feedback.rollups.rolled_up import EVER
from tests.feedback.stores.rows import add_events, add_signals, event, score, signal

CHECKS = '[{"name": "format", "score": 0.5, "details": {"format": "plain"}, "version": "%s"}]'
JUDGED = {"assessor": "judge:strict", "name": "helpful", "raw": 4.0, "score": 0.75, "minimum": 1.0, "maximum": 5.0}


@contextmanager
def used(store):
    """The program's store for a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stores, "import_string", lambda path: lambda: store)
        stores.event_store.cache_clear()
        yield store
    stores.event_store.cache_clear()


def checks(number, value, version="default-2"):
    return score(number, score=value, version=version, checks=CHECKS % version)


def write(*numbers, version="default-2"):
    """Store and count events with their checks, as a writer does."""
    events = [event(number, quality_score=0.5) for number in numbers]
    scores = [checks(number, 0.5, version) for number in numbers]
    with transaction.atomic():
        stored = add_events(event_store(), *events, scores=scores)
        deltas.add(measuring.measure(events, deltas.by_event(scores)).only(stored))


def say(number, of):
    """Store, attach and count a signal, as a writer does."""
    kind = SignalType.THUMBS_UP if number % 2 else SignalType.THUMBS_DOWN
    with transaction.atomic():
        locks.lock_signals()
        stored = add_signals(event_store(), signal(number, of=of, type=kind.value))
        changes = event_store().attach_signals(set(), stored)
        deltas.add_signals(changes, measuring.placed([]))


def figures(*assessors):
    """{metric: {version: (n, sum)}} of these assessors, of the program's own metrics without any."""
    window = rows.RollupWindow(*EVER, "helpdesk", **({"assessors": assessors} if assessors else {}))
    found = rows.sums(window, None, ["metric", "measure_version"])
    by_metric = {}
    for (metric, version), _, _, n, total, _ in found:
        by_metric.setdefault(metric, {})[version] = (n, round(total, 6))
    return by_metric


def check():
    output = StringIO()
    call_command("rebuild_rollups", "--check", stdout=output)
    return output.getvalue()
