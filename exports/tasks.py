from celery import shared_task


@shared_task
def write_export(batch_id):
    """Write the file of an approved batch."""
    from exports.batches import writing

    writing.write(batch_id)


@shared_task
def sweep():
    """Queue exports and gates whose worker died, give up those that crash workers, and remove drafts and old files."""
    from exports.batches import deletion, requesting
    from exports.gates import requesting as gates
    from exports.pairwise import requesting as pairwise

    requesting.sweep()
    deletion.delete_expired()
    gates.sweep()
    pairwise.sweep()


@shared_task
def erase_user(erasure_id):
    """Erase a user, as far as currently possible."""
    from exports.erasures import erasing

    erasing.run(erasure_id)


@shared_task
def delete_deployment(deletion_id):
    """Delete everything of a deployment, as far as currently possible."""
    from exports.deletions import deleting

    deleting.run(deletion_id)


@shared_task
def sweep_erasures():
    """Continue unfinished erasures of users and deletions of deployments."""
    from exports.deletions import deleting
    from exports.erasures import erasing

    erasing.sweep()
    deleting.sweep()


@shared_task
def run_pipeline(run_id):
    """Continue the run of a pipeline until it ends or waits."""
    from exports.pipelines.stored import continuing

    continuing.run(run_id)


@shared_task
def sweep_pipelines():
    """Queue the runs of pipelines that are unfinished and have no worker."""
    from exports.pipelines.stored import requesting

    requesting.sweep()


@shared_task
def start_triggered_sets():
    """Start the curated sets of triggers that fired, and take them on to exports and training runs."""
    from exports.training import advancing
    from exports.triggered import starting

    starting.start_due()
    advancing.advance()


@shared_task
def run_gate(gate_id):
    """Ask the models of a gate, and compare their answers."""
    from exports.gates import running

    running.run(gate_id)


@shared_task
def call_trainer(call_id):
    """Start or cancel a training run."""
    from exports.training.handover import calls

    calls.make(call_id)


@shared_task
def sweep_trainers():
    """Queue the calls of trainers that are due, ask trainers that do not report by themselves, and fail silent runs."""
    from exports.training import runs
    from exports.training.handover import calls, observing

    calls.sweep()
    observing.observe_all()
    runs.fail_silent()


@shared_task
def run_pairwise(run_id):
    """Ask a judge about pairs of answers in both orders."""
    from exports.pairwise import running

    running.run(run_id)
