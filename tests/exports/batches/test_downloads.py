import hashlib
import io
import uuid
from zipfile import ZipFile

import pytest

from exports.batches import storage
from exports.choices import ExportStatus
from tests.exports.factories import ExportBatchFactory
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def weekly(place):
    """A published folder of two files."""
    draft = storage.Draft(uuid.uuid4())
    files = []
    for path, lines in (("weekly/README.md", [b"# Weekly"]), ("weekly/data/train.jsonl", [b'{"a": 1}'] * 3_000)):
        facts = draft.write_lines(path, lines)
        files.append({"path": path, "rows": facts.rows, "bytes": facts.bytes, "sha256": facts.sha256})
    draft.publish("weekly")
    total = {"rows": 3_000, "bytes": sum(file["bytes"] for file in files), "sha256": "a" * 64}
    return ExportBatchFactory(status=ExportStatus.PUBLISHED, published_at=NOON, files=files, **total)


def test_a_folder_is_downloaded_as_a_zip_of_its_files(api, weekly):
    address = f"/api/v1/exports/{weekly.pk}/download"

    answer = api.get(address)
    content = answer.getvalue()

    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        digests = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    assert answer.status_code == 200
    assert (answer["Content-Type"], answer["Content-Disposition"]) == (
        "application/zip",
        'attachment; filename="weekly.zip"',
    )
    assert digests == {file["path"]: file["sha256"] for file in weekly.files}
    assert api.get(address).getvalue() == content


def test_a_folder_that_lost_a_file_is_not_found(api, console, weekly):
    storage.remove("weekly/data/train.jsonl")

    answer = api.get(f"/api/v1/exports/{weekly.pk}/download")

    assert answer.status_code == 404
    assert answer.data["errors"][0]["message"] == f"The file of {weekly} is no longer at EXPORT_URL."
