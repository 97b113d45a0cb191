"""Exports an approved set, as a request over the API does, and says where the file is."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import User

from curation.models import CuratedSet
from exports.batches import options as export_options
from exports.batches import paths, requesting
from exports.batches.options import InvalidOption
from exports.batches.review import approval
from exports.batches.target import address
from exports.choices import ExportFormat, ExportStatus, ProductName, Profile, Reasoning, Turns
from exports.models import ExportBatch
from exports.pipelines.context import Context
from exports.pipelines.effects import Effects
from exports.pipelines.errors import StageFailed, StageWaits
from exports.pipelines.stages import bodies
from exports.pipelines.stages.base import Stage, deployment_of, named_set, user_of
from exports.pipelines.stages.sets import chosen_set
from exports.querysets import APPROVABLE
from exports.serializers import ExportFiltersSerializer
from exports.tasks import write_export
from feedback.field_errors import FieldError

# As the Elixir library names the formats; it writes the others too.
_FIRST_FORMATS = (ExportFormat.JSONL, ExportFormat.PARQUET, ExportFormat.CSV)
_FORMATS = [*_FIRST_FORMATS, *(one for one in ExportFormat if one not in _FIRST_FORMATS)]
_FURTHER = ("profile", "reasoning", "turns")


class ExportFeedback(Stage):
    name = "export_feedback"
    description = "Export approved feedback data for training"
    optional = ("format", "output_path", "filters")
    types = {
        "format": {"enum": [one.value for one in _FORMATS]},
        "output_path": "string",
        "filters": "map",
    }
    extensions = {
        "deployment_id": "string",
        "curated_set": "integer",
        "product": {"enum": ProductName.values},
        "only_new": "boolean",
        "profile": {"enum": Profile.values},
        "reasoning": {"enum": Reasoning.values},
        "turns": {"enum": Turns.values},
    }
    permissions = ("exports.add_exportbatch",)

    @classmethod
    def further_problems(cls, options: Mapping[str, Any]) -> Iterable[FieldError]:
        filters = options.get("filters", {})
        for problem in bodies.problems(ExportFiltersSerializer, filters, [*filters]):
            yield FieldError(f"filters.{problem.field}", problem.code, f"filters.{problem.message}")
        wanted = _wanted(options)
        try:
            chosen = {name: wanted[name] for name in _FURTHER if name in wanted}
            only_new = wanted.get("only_new", False)
            export_options.stored(wanted["format"], product=wanted.get("product", ""), only_new=only_new, chosen=chosen)
            if path := options.get("output_path"):
                paths.checked(path, wanted["format"])
        except InvalidOption as error:
            yield FieldError(error.option, "invalid", f"{error.option}: {error}")

    @classmethod
    def advance(cls, context: Context, options: Mapping[str, Any], effects: Effects) -> Context:
        user = user_of(context)
        try:
            batch = effects.once("export", lambda: _requested(context, options, user, queue=effects.in_background))
        except (requesting.ExportNotAllowed, InvalidOption) as error:
            raise StageFailed(str(error)) from error
        if not effects.in_background:
            batch = _written(batch)
        _require_published(batch)
        path = address(batch.folder or batch.files[0]["path"])
        return context.put_artifact("feedback_data_path", path).put_artifact("export_id", batch.pk)


def _wanted(options: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a request for an export."""
    names = ("product", "only_new", "output_path", *_FURTHER)
    found = {name: options[name] for name in names if name in options}
    return {"format": options.get("format", ExportFormat.JSONL.value), **found}


def _requested(context: Context, options: Mapping[str, Any], user: User, *, queue: bool) -> ExportBatch:
    """The export, approved if this user may approve it."""
    filters = options.get("filters", {})
    filters = bodies.read(ExportFiltersSerializer, filters, [*filters])
    curated_set = _set_to_export(context, options)
    batch, _ = requesting.request(curated_set.pk, by=user, filters=filters, **_wanted(options))
    may_approve = user.has_perm(approval.APPROVE_PERMISSION) and not approval.needs_another_user(batch, by=user)
    if batch.status in APPROVABLE and may_approve:
        batch = approval.approve(batch.pk, by=user, queue=queue)
    return batch


def _set_to_export(context: Context, options: Mapping[str, Any]) -> CuratedSet:
    """The set of the pipeline, or the newest approved one of the deployment."""
    deployment = deployment_of(context, options)
    if found := chosen_set(context, options, deployment):
        return found
    approved = CuratedSet.objects.of_deployment(deployment.pk).exportable()
    if name := named_set(context):
        approved = approved.filter(name=name)
    newest = approved.newest_first().first()
    if newest is None:
        raise StageFailed(f"{deployment.pk} has no approved set{f' {name}' if name else ''} to export.")
    return newest


def _written(batch: ExportBatch) -> ExportBatch:
    """The export after this process has tried to write it; a failure is shown on it."""
    if batch.status == ExportStatus.APPROVED:
        try:
            write_export(batch.pk)
        except Exception as error:
            batch.refresh_from_db()
            raise StageFailed(batch.error or f"{type(error).__name__}. See the log of the worker.") from error
        batch.refresh_from_db()
    return batch


def _require_published(batch: ExportBatch) -> None:
    if batch.has_files:
        return
    if batch.status == ExportStatus.PUBLISHED:
        raise StageFailed(f"The files of {batch} were deleted.")
    if batch.status == ExportStatus.REQUESTED:
        raise StageWaits(f"{batch} waits for approval.")
    if batch.status == ExportStatus.REJECTED:
        decision = batch.decisions.last()
        raise StageFailed(f"{batch} was rejected: {decision.note if decision else ''}")
    if batch.status in APPROVABLE:
        raise StageFailed(batch.error or f"{batch} is {batch.get_status_display().lower()}.")
    raise StageWaits(f"A worker writes {batch}.")
