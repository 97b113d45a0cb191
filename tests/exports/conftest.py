import huggingface_hub.constants
import pytest
from s3fs import S3FileSystem

from exports.batches import requesting, target, writing
from exports.batches.review import approval
from exports.choices import ExportFormat
from tests.exports import s3
from tests.servers.workers import tasks_run_at_once


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The export folder of this test; its name has a space."""
    path = tmp_path / "export folder"
    settings.EXPORT_URL = f"file://{path}"
    return path


@pytest.fixture(scope="session")
def s3_server():
    with s3.server() as address:
        yield address


@pytest.fixture
def bucket(settings, monkeypatch, s3_server):
    """Exports go to a folder of a new bucket, whose name this is."""
    for name, value in s3.variables(s3_server).items():
        monkeypatch.setenv(name, value)
    S3FileSystem.clear_instance_cache()  # A client keeps what its environment was.
    name = s3.new_bucket(s3_server)
    settings.EXPORT_URL = f"s3://{name}/to train"
    yield name
    S3FileSystem.clear_instance_cache()


@pytest.fixture(params=["file", "s3"])
def place(request):
    """The test runs on a disk and on S3."""
    request.getfixturevalue("folder" if request.param == "file" else "bucket")


@pytest.fixture
def kept():
    """Everything at EXPORT_URL now, whoever made it: the size of each file by its path."""

    def look():
        where = target.target()
        found = where.files.find(where.folder, detail=True)
        return {path.removeprefix(f"{where.folder}/"): facts["size"] for path, facts in found.items()}

    return look


@pytest.fixture
def running_tasks(django_capture_on_commit_callbacks):
    """A block after which the tasks that it queued have run."""
    with tasks_run_at_once():
        yield lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def export(operator):
    """Request, approve and write an export as the operator."""

    def run(curated_set, format=ExportFormat.JSONL, **options):
        batch, _ = requesting.request(curated_set.pk, format=format, by=operator, **options)
        approval.approve(batch.pk, by=operator, queue=False)
        return writing.write(batch.pk)

    return run


@pytest.fixture
def datasets(tmp_path, monkeypatch):
    """Hugging Face's library without a network, with a cache of this test."""
    import datasets  # noqa: PLC0415 - it loads pandas, which other tests do without.

    for module in (datasets.config, huggingface_hub.constants):
        monkeypatch.setattr(module, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_CACHE_HOME", str(tmp_path / "hub"))
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "hub" / "datasets")
    datasets.disable_progress_bars()
    return datasets
