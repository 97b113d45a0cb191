from celery import shared_task


# The soft limit lets a build that takes too long say so on its set.
@shared_task(soft_time_limit=1_700)
def build_curated_set(set_id):
    """Fill a set that is being built."""
    from curation import building

    building.build(set_id)


@shared_task
def curate_all():
    """Request one draft for each enabled deployment with news."""
    from curation import sets

    sets.fail_abandoned()
    sets.request_scheduled()


@shared_task
def sweep():
    """Give up builds whose worker is gone."""
    from curation import sets

    sets.fail_abandoned()
