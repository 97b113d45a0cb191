from celery import shared_task


@shared_task
def detect_drift(report_id):
    from drift import detection

    return detection.run(report_id).verdict


@shared_task
def check_triggers(deployment_id, source="beat", asked_by_id=None):
    """Evaluate the four triggers; called directly, it is how the web process reaches SciPy only when it must."""
    from drift import triggers

    return [evaluation.pk for evaluation in triggers.check(deployment_id, source=source, asked_by_id=asked_by_id)]


@shared_task
def detect_all_drift():
    from drift import reports

    reports.request_where_new()


@shared_task
def sweep():
    """Queue reports whose worker is gone, and give up those that end one again and again."""
    from drift import reports

    reports.sweep()


@shared_task
def check_all_triggers():
    from drift import trigger_scheduling

    trigger_scheduling.request_due()


@shared_task
def thin_trigger_history():
    from drift import trigger_history

    trigger_history.thin()


@shared_task
def deliver_alert(delivery_id):
    from drift import alerts

    return alerts.deliver(delivery_id)


@shared_task
def send_due_alerts():
    from drift import alerts

    alerts.queue_due()
