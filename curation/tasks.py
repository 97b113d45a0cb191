from celery import shared_task


@shared_task
def build_curated_set(set_id):
    """Build a curated set."""
    from curation.sets import building, requesting

    try:
        building.build(set_id)
    finally:
        requesting.queue_next(set_id)
        requesting.queue_scheduled()


@shared_task
def curate(deployment_id, **wanted):
    """Request a set of one deployment; `wanted` as the body of POST deployments/{id}/curated-sets."""
    from curation.serializers.requests import CuratedSetRequestSerializer
    from curation.sets import requesting

    body = CuratedSetRequestSerializer(data={"name": "scheduled", **wanted})
    body.is_valid(raise_exception=True)
    requesting.request(deployment_id, by=None, **body.validated_data)


@shared_task
def curate_all():
    """Request one draft for each active deployment with new traffic."""
    from curation.sets import requesting

    requesting.sweep()
    requesting.request_scheduled()


@shared_task
def sweep():
    """Queue builds whose worker died, give up those that crash their workers, and record decisions without a score."""
    from curation.review import rows
    from curation.review.comparisons import scoring
    from curation.sets import requesting

    requesting.sweep()
    rows.record_scores()
    scoring.record_scores()


@shared_task
def record_decisions():
    """Make scores of decisions on rows that are none yet."""
    from curation.review import rows

    rows.record_scores()


@shared_task
def mark_changed_sets():
    """Mark rows of approved sets that were reported, or may no longer be used, since the approval."""
    from curation.review import marking

    marking.mark_approved()
