from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from curation.choices import CuratedSetStatus
from exports.choices import (
    CallAction,
    CallStatus,
    DeletionStatus,
    ErasureStatus,
    ExportStatus,
    GateSide,
    GateStatus,
    PairwiseStatus,
    PipelineStatus,
    RunStatus,
)
from feedback.models import Deployment

# Requested batches, and those that ended without a file and can be approved again.
APPROVABLE = (ExportStatus.REQUESTED, ExportStatus.FAILED, ExportStatus.CANCELLED)
# Batches that ended without a file.
ENDED = (ExportStatus.FAILED, ExportStatus.CANCELLED, ExportStatus.REJECTED)
UNFINISHED = (ExportStatus.APPROVED, ExportStatus.RUNNING, ExportStatus.VALIDATED)
UNFINISHED_GATES = (GateStatus.WAITING, GateStatus.RUNNING)
UNFINISHED_PIPELINES = (PipelineStatus.PENDING, PipelineStatus.RUNNING, PipelineStatus.WAITING)


class ExportBatchQuerySet(QuerySet):
    def visible_to(self, key):
        """The exports that an API key may see: those of sets of its deployments."""
        return self.filter(curated_set__deployment_id__in=key.deployments) if key.deployments else self

    def with_people(self):
        """With the set, the decisions, and the users who requested, approved and deleted the export."""
        people = self.select_related("curated_set", "requested_by", "approved_by", "files_deleted_by")
        return people.prefetch_related("decisions__by")

    def with_files(self):
        return self.filter(status=ExportStatus.PUBLISHED, files_deleted_at__isnull=True)

    def numbers_waiting(self, since) -> tuple[int, int]:
        """How many wait for an approval, and how many have failed since this moment."""
        failed = Q(status=ExportStatus.FAILED, created_at__gt=since)
        found = self.aggregate(requested=Count("pk", Q(status=ExportStatus.REQUESTED)), failed=Count("pk", failed))
        return found["requested"], found["failed"]

    def unfinished(self):
        """Batches that a worker is writing or should write."""
        return self.filter(status__in=UNFINISHED)

    def with_leftovers(self):
        """Batches that ended while their files were being moved to their name."""
        return self.filter(status__in=ENDED).exclude(moved_to="")

    def overdue(self, moment):
        """Unfinished batches, except those approved after this time, which may still be queued."""
        return self.unfinished().exclude(status=ExportStatus.APPROVED, approved_at__gt=moment)

    def holding_path(self):
        """Exports that have a path of their own, or will have it."""
        return self.filter(options__has_key="output_path", files_deleted_at__isnull=True).exclude(status__in=ENDED)

    def unpublished(self):
        return self.exclude(status=ExportStatus.PUBLISHED)

    def affected_by(self, erasure):
        """Exports whose file held rows that this erasure blanked, oldest first."""
        return self.filter(affected_by__erasure=erasure).select_related("curated_set").order_by("pk")

    def unpublished_of(self, erasure):
        """Exports of sets with rows that this erasure blanked whose files are not published."""
        return self.unpublished().filter(curated_set__blanked_by__erasure=erasure)


class ErasureQuerySet(QuerySet):
    def unfinished(self):
        return self.exclude(status=ErasureStatus.COMPLETED)


class DeploymentDeletionQuerySet(QuerySet):
    def visible_to(self, key):
        """The deletions that an API key may see: those of its deployments."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def unfinished(self):
        return self.exclude(status=DeletionStatus.COMPLETED)


class GateRunQuerySet(QuerySet):
    def visible_to(self, key):
        """The gates that an API key may see: those of its deployments."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def running(self):
        """Gates whose models a worker asks, or whose answers it compares."""
        return self.filter(status=GateStatus.RUNNING)

    def waiting(self):
        """Gates that wait for uploaded answers."""
        return self.filter(status=GateStatus.WAITING)

    def unfinished(self):
        return self.filter(status__in=UNFINISHED_GATES)

    def with_progress(self):
        """With the number of answers there are on each side."""
        return self.annotate(
            candidate_answers=Count("answers", Q(answers__side=GateSide.CANDIDATE)),
            current_answers=Count("answers", Q(answers__side=GateSide.CURRENT)),
        )


class PairwiseRunQuerySet(QuerySet):
    def visible_to(self, key):
        """The runs that an API key may see: those of its deployments."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def running(self):
        """Runs whose judge a worker asks."""
        return self.filter(status=PairwiseStatus.RUNNING)

    def by_themselves(self):
        """Runs that no gate waits for: a gate has its own worker ask."""
        return self.filter(Q(gate=None) | ~Q(gate__status__in=UNFINISHED_GATES))


class TriggeredRequestQuerySet(QuerySet):
    def of_active_deployments(self):
        return self.filter(rule__deployment__in=Deployment.objects.active())

    def of_deployment(self, deployment_id):
        return self.filter(rule__deployment_id=deployment_id)

    def with_rules(self):
        return self.select_related("rule")


class TriggeredSetQuerySet(QuerySet):
    def of_rule(self, rule):
        """What the firings of a trigger started, newest first."""
        of_trigger = self.filter(firing__deployment_id=rule.deployment_id, firing__name=rule.name)
        return of_trigger.select_related("firing", "curated_set", "batch").order_by("-firing")

    def under(self, policy):
        """Those of firings that a policy concerns, without one that an error ended."""
        return self.filter(
            firing__deployment_id=policy.deployment_id, firing__fired_at__gte=policy.changed_at, error=""
        )

    def to_export(self, policy):
        """Those whose set is approved and without an export."""
        return self.under(policy).filter(batch=None, curated_set__status=CuratedSetStatus.APPROVED)

    def to_train(self, policy):
        """Those whose export is published and that have no training run."""
        published = self.under(policy).filter(batch__status=ExportStatus.PUBLISHED, firing__training_run=None)
        return published.select_related("firing", "batch__curated_set")


class TrainingRunQuerySet(QuerySet):
    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)

    def visible_to(self, key):
        """The runs that an API key may see: those of its deployments."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def with_facts(self):
        return self.select_related("batch__curated_set", "requested_by", "mark", "baseline", "model_version")

    def unfinished(self):
        return self.filter(status__in=[RunStatus.PENDING, RunStatus.RUNNING])

    def pending(self):
        return self.filter(status=RunStatus.PENDING)

    def running(self):
        return self.filter(status=RunStatus.RUNNING)

    def completed(self):
        return self.filter(status=RunStatus.COMPLETED)

    def cancelled(self):
        return self.filter(status=RunStatus.CANCELLED)

    def ended(self):
        return self.filter(status__in=[RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED])

    def with_trainer(self):
        return self.exclude(trainer="")

    def observable(self):
        """Those whose trainer may have news: unfinished ones, and those whose process has not ended."""
        has_process = Q(process_id__isnull=False, exit_code__isnull=True)
        return self.filter(Q(status__in=[RunStatus.PENDING, RunStatus.RUNNING]) | has_process)

    def to_be_stopped(self, since):
        """Runs that were cancelled after a start, since this moment, and whose trainer was not asked yet to stop."""
        handed_over = Q(calls__action=CallAction.START, calls__attempts__gt=0)
        asked = Q(calls__action=CallAction.CANCEL) & (~Q(calls__status=CallStatus.WAITING) | ~Q(calls__error=""))
        never = Q(calls__action=CallAction.START, calls__status=CallStatus.DROPPED, calls__attempts=1)
        cancelled = self.cancelled().filter(handed_over, completed_at__gt=since)
        runs = self.model.objects
        return cancelled.exclude(pk__in=runs.filter(asked)).exclude(pk__in=runs.filter(never))

    def given_up(self, moment):
        """Unfinished runs that nothing was heard of since this moment."""
        heard_at = Coalesce("last_reported_at", "started_at", "created_at")
        return self.unfinished().annotate(heard_at=heard_at).filter(heard_at__lt=moment)

    def silent_since(self, moment):
        """Running runs that nothing was heard of since this moment."""
        return self.running().filter(Q(last_reported_at__lt=moment) | Q(last_reported_at=None, started_at__lt=moment))


class ModelVersionQuerySet(QuerySet):
    def of_deployment(self, deployment_id):
        return self.filter(model__deployment_id=deployment_id)


class LoopPolicyQuerySet(QuerySet):
    def of_active_deployments(self):
        return self.filter(deployment__in=Deployment.objects.active())

    def at_levels(self, levels):
        return self.filter(level__in=levels)

    def with_users(self):
        return self.select_related("changed_by")


class TrainerCallQuerySet(QuerySet):
    def waiting(self):
        return self.filter(status=CallStatus.WAITING)

    def due(self, moment):
        return self.waiting().filter(next_attempt_at__lte=moment)

    def delivered_starts(self):
        return self.filter(action=CallAction.START, status=CallStatus.DELIVERED)

    def of_trainers(self, names):
        return self.filter(run__trainer__in=names)

    def of_machine(self, machine):
        """The calls that this `run_trainers` made or may make."""
        return self.filter(machine__in=["", machine])

    def made_starts(self):
        """The starts that may have reached a trainer and are not tried again."""
        is_never_made = Q(status=CallStatus.DROPPED, attempts=1)
        return self.filter(action=CallAction.START).exclude(Q(status=CallStatus.WAITING) | is_never_made)

    def waiting_starts_of_ended(self, moment):
        """The starts of runs that are over whose next attempt is after this moment."""
        ended = ~Q(run__status__in=[RunStatus.PENDING, RunStatus.RUNNING])
        return self.waiting().filter(ended, action=CallAction.START, next_attempt_at__gt=moment)


class PipelineRunQuerySet(QuerySet):
    def visible_to(self, key):
        """The runs that an API key may see: those of its deployments."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)

    def with_stages(self):
        """With the stages, and the users who requested and cancelled the run."""
        return self.select_related("requested_by", "cancelled_by").prefetch_related("stages")

    def unfinished(self):
        return self.filter(status__in=UNFINISHED_PIPELINES)

    def due(self, *, requested_before, now):
        """Unfinished runs that a worker should continue, except those requested since, whose message may be queued."""
        waits = Q(status=PipelineStatus.WAITING, next_check_at__gt=now)
        is_new = Q(status=PipelineStatus.PENDING, created_at__gt=requested_before)
        return self.unfinished().exclude(waits | is_new).order_by("pk")
