from celery import shared_task


@shared_task
def detect_drift(report_id):
    from drift import detection

    return detection.run(report_id).verdict


@shared_task
def check_triggers(deployment_id):
    """Evaluate the four triggers; called directly, it is how the web process reaches SciPy only when it must."""
    from drift import triggers

    return [evaluation.pk for evaluation in triggers.check(deployment_id)]


@shared_task
def detect_all_drift():
    from drift import reports

    reports.request_where_new()


@shared_task
def check_all_triggers():
    from drift.querysets import enabled_deployments

    for deployment_id in enabled_deployments().values_list("pk", flat=True):
        check_triggers.delay(deployment_id)
