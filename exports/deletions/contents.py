"""What a deletion removes and what it leaves, for the page that asks for confirmation."""

from dataclasses import dataclass

from curation.models import CuratedSet
from drift.models import Baseline, DriftReport, TriggerFiring
from exports.models import ExportBatch
from feedback.models import RejectedItem
from feedback.stores import event_store
from feedback.stores.base import EventFilter, SignalFilter

# Beyond this an exact number does not matter, and costs more to count.
MOST_COUNTED = 100_000


@dataclass(frozen=True)
class Contents:
    """Rows by name: those that go, and those that stay."""

    goes: list[tuple[str, str]]
    stays: list[tuple[str, str]]


def of(deployment_id: str) -> Contents:
    store, sets = event_store(), CuratedSet.objects.of_deployment(deployment_id)
    approved = sets.exportable()
    events = store.count(EventFilter(deployment_id=deployment_id), at_most=MOST_COUNTED)
    signals = store.count_signals(SignalFilter(deployment_id=deployment_id, state=None), at_most=MOST_COUNTED)
    return Contents(
        goes=[
            ("Events, with their scores and embeddings", _shown(events)),
            ("Signals", _shown(signals)),
            ("Rejected items", _shown(RejectedItem.objects.filter(deployment_id=deployment_id).count())),
            ("Curated sets that were never approved", _shown(sets.never_approved().count())),
            ("Drift reports", _shown(DriftReport.objects.of_deployment(deployment_id).count())),
            ("Baselines", _shown(Baseline.objects.of_deployment(deployment_id).count())),
            ("Trigger firings", _shown(TriggerFiring.objects.of_deployment(deployment_id).count())),
            ("Charts, ledger rows and settings", "all"),
        ],
        stays=[
            ("Approved and superseded sets", _shown(approved.count())),
            ("Their exports", _shown(ExportBatch.objects.filter(curated_set__in=approved).count())),
        ],
    )


def _shown(count: int) -> str:
    return f"{count:,}" if count < MOST_COUNTED else f"{MOST_COUNTED:,} or more"
