"""The functions of the Elixir library CrucibleFeedback in Python: docs/coming-from-crucible.md says what differs.

They act in this process, as commands do, without an API key: for a Django shell, a notebook or a script. Errors are
raised, where the library returns them.
"""

from exports.crucible.curating import StillBuilding, curate, get_curated_count
from exports.crucible.detecting import DriftFailed, detect_drift, get_drift_history
from exports.crucible.exporting import export, export_preference_pairs
from exports.crucible.quality import assess_quality, get_quality_stats
from exports.crucible.recording import log_inference, record_signal, record_user_edit
from exports.crucible.retraining import check_triggers
from feedback.ingestion.items import InvalidItem

__all__ = [
    "DriftFailed",
    "InvalidItem",
    "StillBuilding",
    "assess_quality",
    "check_triggers",
    "curate",
    "detect_drift",
    "export",
    "export_preference_pairs",
    "get_curated_count",
    "get_drift_history",
    "get_quality_stats",
    "log_inference",
    "record_signal",
    "record_user_edit",
]
