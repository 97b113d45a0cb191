import pytest

from exports import batches, writing
from exports.choices import ExportFormat
from tests.workers import tasks_run_at_once


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The export folder of this test; its name has a space."""
    path = tmp_path / "export folder"
    settings.EXPORT_URL = f"file://{path}"
    return path


@pytest.fixture
def running_tasks(django_capture_on_commit_callbacks):
    """A block after which the tasks that it queued have run."""
    with tasks_run_at_once():
        yield lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def export(operator):
    """Request, approve and write an export as the operator."""

    def run(curated_set, format=ExportFormat.JSONL, **options):
        batch, _ = batches.request(curated_set.pk, format=format, by=operator, **options)
        batches.approve(batch.pk, by=operator, queue=False)
        return writing.write(batch.pk)

    return run
