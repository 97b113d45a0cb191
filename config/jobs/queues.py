"""The queue of each task. Long jobs of one kind never delay those of another."""

from kombu import Queue

# The jobs of each queue, as `doctor` and the System page name them.
PURPOSES = {
    "ingest": "embeddings, rollups, retention, erasures, deletions, alerts and scheduled tasks",
    "drift": "drift checks and triggers",
    "curation": "curated set builds",
    "export": "export files, gates and judges",
}
DEFAULT = "ingest"
QUEUES = [Queue(name, routing_key=name) for name in PURPOSES]
# A full task name takes precedence over a pattern. Tasks that only find work and queue it share the queue of short
# tasks. The sweep of exports needs the export folder, so it runs where exports are written.
_PATTERNS = {
    "config.tasks.*": "ingest",
    "feedback.tasks.*": "ingest",
    # Judges wait for the endpoints that gates ask, with the keys of the same workers.
    "feedback.tasks.judge_events": "export",
    "drift.tasks.*": "drift",
    "drift.tasks.detect_all_drift": "ingest",
    "drift.tasks.check_all_triggers": "ingest",
    "drift.tasks.sweep": "ingest",
    "drift.tasks.look_at_comparisons": "ingest",
    "drift.tasks.thin_trigger_history": "ingest",
    "drift.tasks.deliver_alert": "ingest",
    "drift.tasks.send_due_alerts": "ingest",
    "curation.tasks.*": "curation",
    "curation.tasks.curate_all": "ingest",
    "curation.tasks.sweep": "ingest",
    "curation.tasks.mark_changed_sets": "ingest",
    "curation.tasks.record_decisions": "ingest",
    "exports.tasks.*": "export",
    "exports.tasks.erase_user": "ingest",
    "exports.tasks.delete_deployment": "ingest",
    "exports.tasks.sweep_erasures": "ingest",
    "exports.tasks.start_triggered_sets": "ingest",
    "exports.tasks.call_trainer": "ingest",
    "exports.tasks.sweep_trainers": "ingest",
    # Stages queue their long jobs elsewhere; what they do themselves is a check of triggers.
    "exports.tasks.run_pipeline": "drift",
    "exports.tasks.sweep_pipelines": "ingest",
}
ROUTES = {pattern: {"queue": queue} for pattern, queue in _PATTERNS.items()}
