from celery import shared_task


# The soft limit lets an export that takes too long say so on its batch.
@shared_task(soft_time_limit=1_700)
def write_export(batch_id):
    """Write the file of an approved batch."""
    from exports import writing

    writing.write(batch_id)


@shared_task
def sweep():
    """Clear up after killed workers and queue what they left."""
    from exports import batches

    batches.sweep()
