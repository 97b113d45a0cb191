"""A training run as its trainer gets it."""

from django.conf import settings
from django.urls import reverse

from exports.batches import target
from exports.models import ExportBatch, TrainingRun
from exports.training.adapters.base import Dataset, DatasetFile, HandOff, TrainerFailed
from exports.training.handover import keys


def of(run: TrainingRun, *, with_key: bool = False) -> HandOff:
    """with_key: whether the run gets its key, for its start."""
    return HandOff(
        run_id=run.pk,
        deployment=run.deployment_id,
        config=run.config,
        dataset=_dataset(run.batch) if run.batch else None,
        report_url=_url("training-run", run.pk),
        key=keys.issue(run.pk) if with_key else "",
    )


def _dataset(batch: ExportBatch) -> Dataset:
    return Dataset(
        export_id=batch.pk,
        format=batch.format,
        rows=batch.rows or 0,
        sha256=batch.sha256,
        url=_url("download-export", batch.pk),
        manifest_url=_url("export-manifest", batch.pk),
        files=tuple(_file(file) for file in batch.files),
        manifest=batch.manifest,
    )


def require_files(run: TrainingRun) -> None:
    """Raises TrainerFailed if the files of the export are deleted."""
    if run.batch is not None and not run.batch.has_files:
        raise TrainerFailed(f"The files of export {run.batch.pk} are deleted.", is_temporary=False)


def _file(file: dict) -> DatasetFile:
    is_local = settings.EXPORT_URL.startswith(target.LOCAL)
    local_path = target.address(file["path"]) if is_local else ""
    return DatasetFile(path=file["path"], sha256=file["sha256"], bytes=file["bytes"], local_path=local_path)


def _url(name: str, pk: int) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse(name, kwargs={"pk": pk})
