from celery import shared_task


@shared_task
def write_export(batch_id):
    """Write the file of an approved batch."""
    from exports.batches import writing

    writing.write(batch_id)


@shared_task
def sweep():
    """Queue exports whose worker is dead, give up those that crash their workers, and remove what they left."""
    from exports.batches import requesting

    requesting.sweep()


@shared_task
def erase_user(erasure_id):
    """Erase a user as far as is possible now."""
    from exports.erasures import erasing

    erasing.run(erasure_id)


@shared_task
def sweep_erasures():
    """Go on with erasures that are not completed."""
    from exports.erasures import erasing

    erasing.sweep()
