from celery import shared_task


@shared_task
def embed_sample():
    """Embed the sampled events that have no vector yet."""
    from feedback.embeddings import filling

    filling.embed_sample()


@shared_task
def apply_gold(declared_id):
    """Queue the events whose evidence changes as scores of one name begin or cease to be gold."""
    from feedback.evidence.keeping import gold

    gold.apply(declared_id)


@shared_task
def apply_gold_assessor(gold_id):
    """Queue the events whose evidence changes as scores of a judge or of people begin or cease to be gold."""
    from feedback.evidence.keeping import gold

    gold.apply_assessor(gold_id)


@shared_task
def measure_judge(judge_id):
    """Compare a judge with people, and apply what follows."""
    from feedback.judging.agreement import standings

    standings.measure(judge_id)


@shared_task
def fold_rollups():
    """Merge rows of one key, in rollups and in the ledger by hour, and finish what interrupted processes left."""
    from feedback.evidence.keeping import gold
    from feedback.ingestion.writing import bookkeeping
    from feedback.rollups import folding
    from feedback.scores import recording

    recording.finish_interrupted()
    gold.sweep()
    folding.fold()
    bookkeeping.fold()


@shared_task
def fill_evidence():
    """Compute the evidence of events whose signals or gold scores changed."""
    from feedback.evidence.keeping import filling

    filling.work_off()


@shared_task
def fit_evidence():
    """Fit the votes of deployments where they changed."""
    from feedback.evidence.keeping import refreshing

    refreshing.make_due_snapshots()


@shared_task
def measure_repeats():
    """Measure how many sampled answers are one answer to many prompts."""
    from feedback.rollups import repeated

    repeated.measure_all()


@shared_task
def purge_expired():
    """Delete events and signals past their deployment's retention."""
    from feedback.removal import retention

    retention.purge()


@shared_task
def propose_tool_renames(deployment_id, since=None, until=None, old_list="", new_list=""):
    """Propose the new names of tools that a deployment no longer has. Times are ISO 8601."""
    from datetime import datetime

    from feedback.deployments.renames import proposing

    times = {name: datetime.fromisoformat(text) for name, text in (("since", since), ("until", until)) if text}
    proposing.propose(proposing.comparison(deployment_id, **times, old_list=old_list, new_list=new_list))


@shared_task
def reassess(job_id):
    """Score events again by a profile, from where the job stands."""
    from feedback.reassessing import running

    running.run(job_id)


@shared_task
def recount_feedback(deployment_id):
    """Count the live signals of a deployment again, by its weights in force."""
    from feedback.rollups.signals import recounting

    recounting.run(deployment_id)


@shared_task
def sweep():
    """Queue recounts whose worker died, and give up those that crash their workers."""
    from feedback.reassessing import requesting
    from feedback.rollups.signals import recounting

    recounting.sweep()
    requesting.sweep()


@shared_task
def judge_events(judge_id):
    """Let a judge score the events that are due."""
    from feedback.judging.online import running

    running.run(judge_id)


@shared_task
def queue_judges():
    """Queue the judges that are at work, and the comparison of judges with people where scores of either came."""
    from feedback.judging.agreement import standings
    from feedback.judging.online import running

    running.queue_due()
    standings.queue_due()
