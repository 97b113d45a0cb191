from celery import shared_task


@shared_task
def embed_sample():
    """Embed the sampled events that have no vector yet."""
    from feedback.embeddings import filling

    filling.embed_sample()


@shared_task
def fold_rollups():
    """Merge rollup rows of one key."""
    from feedback import rollups

    rollups.fold()
