from celery import shared_task


@shared_task
def detect_drift(report_id):
    from drift.reports import detection, lifecycle

    try:
        return detection.run(report_id).verdict
    finally:
        lifecycle.queue_scheduled()


@shared_task
def compare_arms(comparison_id):
    from drift.comparisons import running

    return running.run(comparison_id).status


@shared_task
def look_at_comparison(comparison_id):
    from drift.comparisons import running

    return running.look(comparison_id)


@shared_task
def look_at_comparisons():
    from drift.comparisons import stopping

    stopping.queue()


@shared_task
def check_triggers(deployment_id, source="beat", asked_by_id=None):
    """Evaluate the four triggers; the API calls it directly, so that the web process imports SciPy only when needed."""
    from drift.triggers import checking

    if source == "beat":
        return [evaluation.pk for evaluation in checking.check_scheduled(deployment_id)]
    return [evaluation.pk for evaluation in checking.check(deployment_id, source=source, asked_by_id=asked_by_id)]


@shared_task
def detect_all_drift():
    from drift.reports import schedule

    schedule.request_where_new()


@shared_task
def sweep():
    """Queue reports, comparisons and checks whose worker died, and give up those that crash their workers."""
    from drift.comparisons import lifecycle as comparisons
    from drift.reports import lifecycle
    from drift.triggers import scheduling

    lifecycle.sweep()
    comparisons.sweep()
    scheduling.sweep()


@shared_task
def check_all_triggers():
    from drift.triggers import scheduling

    scheduling.request_due()


@shared_task
def thin_trigger_history():
    from drift.triggers import history

    history.thin()


@shared_task
def deliver_alert(delivery_id):
    from drift.alerts import outbox

    return outbox.deliver(delivery_id)


@shared_task
def send_due_alerts():
    from drift.alerts import digests, outbox

    digests.announce_run()
    outbox.sweep()
