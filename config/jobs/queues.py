"""Which task waits in which queue. Long jobs of one kind never hold up those of another."""

from kombu import Queue

# What waits when nobody takes from a queue, in the words of `doctor`.
PURPOSES = {
    "ingest": "embeddings, rollups, retention, erasures, alerts and what the schedules start",
    "drift": "drift checks and triggers",
    "curation": "builds of curated sets",
    "export": "files of exports",
}
DEFAULT = "ingest"
QUEUES = [Queue(name, routing_key=name) for name in PURPOSES]
# A task's own name goes before a pattern. What only looks for work and queues it waits with the short tasks; the sweep
# of exports looks into the folder of files, which is mounted where exports are written.
_PATTERNS = {
    "config.tasks.*": "ingest",
    "feedback.tasks.*": "ingest",
    "drift.tasks.*": "drift",
    "drift.tasks.detect_all_drift": "ingest",
    "drift.tasks.check_all_triggers": "ingest",
    "drift.tasks.sweep": "ingest",
    "drift.tasks.thin_trigger_history": "ingest",
    "drift.tasks.deliver_alert": "ingest",
    "drift.tasks.send_due_alerts": "ingest",
    "curation.tasks.*": "curation",
    "curation.tasks.curate_all": "ingest",
    "curation.tasks.sweep": "ingest",
    "exports.tasks.*": "export",
    "exports.tasks.erase_user": "ingest",
    "exports.tasks.sweep_erasures": "ingest",
}
ROUTES = {pattern: {"queue": queue} for pattern, queue in _PATTERNS.items()}
