from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from posixpath import basename, dirname
from typing import Any

from django.core import signing
from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone

from exports.batches import archives, storage
from exports.batches.encodings import ENCODINGS
from exports.choices import ExportStatus
from exports.models import ExportBatch

ARCHIVE_MEDIA_TYPE = "application/zip"
LINK_SALT = "exports.download"
DEFAULT_LINK_HOURS, MOST_LINK_HOURS = 24, 7 * 24
MEDIA_TYPES = (*dict.fromkeys(encoding.format.media_type for encoding in ENCODINGS.values()), ARCHIVE_MEDIA_TYPE)


class NotPublished(Exception):
    def __init__(self, batch: ExportBatch):
        super().__init__(
            f"{batch} is {batch.get_status_display().lower()}; the file can be downloaded once it is published."
        )


class WithoutManifest(Exception):
    def __init__(self, batch: ExportBatch):
        super().__init__(f"{batch} was published before exports had manifests.")


class FileGone(Exception):
    """A file that is missing, or was deleted."""

    def __init__(self, batch: ExportBatch):
        super().__init__(f"The file of {batch} is no longer at EXPORT_URL.")


class FileDeleted(FileGone):
    """A file that was deleted, by a user or because of its age."""

    def __init__(self, batch: ExportBatch):
        Exception.__init__(self, f"The file of {batch} was deleted on {batch.files_deleted_at:%Y-%m-%d}.")


class FileErased(FileDeleted):
    """A file that was deleted and held data of a user who was erased."""

    def __init__(self, batch: ExportBatch):
        Exception.__init__(
            self,
            f"The file of {batch} was deleted on {batch.files_deleted_at:%Y-%m-%d}: it held data of a user who was "
            "erased. Delete your copies. A new export of the set leaves this data out.",
        )


class LinkRejected(Exception):
    """A link that opens no file."""


def link_token(batch: ExportBatch, *, hours: int) -> tuple[str, datetime]:
    """A token that opens the files of a batch without a key, and until when. Raises NotPublished and FileDeleted."""
    if batch.status != ExportStatus.PUBLISHED:
        raise NotPublished(batch)
    if not batch.has_files:
        raise FileDeleted(batch)
    expires_at = timezone.now().replace(microsecond=0) + timedelta(hours=hours)
    return signing.dumps([batch.pk, batch.sha256, int(expires_at.timestamp())], salt=LINK_SALT), expires_at


def by_link(batch_id: int, token: str) -> ExportBatch:
    """The batch that a token opens. Raises LinkRejected."""
    try:
        signed_id, sha256, expires = signing.loads(token, salt=LINK_SALT)
    except signing.BadSignature as error:
        raise LinkRejected("This link is not valid. Copy the whole link, or ask for a new one.") from error
    batch = ExportBatch.objects.with_people().filter(pk=batch_id, sha256=sha256).first()
    if batch is None or signed_id != batch_id:
        raise LinkRejected("This link is of another export. Copy the whole link, or ask for a new one.")
    expires_at = datetime.fromtimestamp(expires, UTC)
    if expires_at <= timezone.now():
        raise LinkRejected(f"This link expired at {expires_at:%Y-%m-%d %H:%M} UTC. Ask for a new one.")
    return batch


def response(batch: ExportBatch) -> StreamingHttpResponse:
    """The published file, or a .zip of the published folder, streamed from the target.

    Raises NotPublished, FileDeleted, FileErased if it held data of an erased user, FileGone if it is missing, and
    TargetUnusable.
    """
    if batch.status != ExportStatus.PUBLISHED:
        raise NotPublished(batch)
    if not batch.has_files:
        raise FileErased(batch) if batch.affected_by.exists() else FileDeleted(batch)
    paths = [file["path"] for file in batch.files]
    if batch.folder:
        if storage.missing(paths):
            raise FileGone(batch)
        parent = dirname(batch.folder)
        named = {path: path.removeprefix(f"{parent}/") if parent else path for path in paths}
        entries = ((name, storage.open_published(path)) for path, name in named.items())
        return _archive(basename(batch.folder), archives.zipped(entries))
    try:
        file = storage.open_published(paths[0])
    except FileNotFoundError as error:
        raise FileGone(batch) from error
    media_type = ENCODINGS[batch.format].format.media_type
    answer = FileResponse(file, as_attachment=True, filename=basename(paths[0]), content_type=media_type)
    answer.block_size = storage.READ_BLOCK_BYTES
    return answer


def manifest(batch: ExportBatch) -> dict[str, Any]:
    """The manifest of a published export, also of one whose files are deleted. Raises NotPublished, WithoutManifest."""
    if batch.status != ExportStatus.PUBLISHED:
        raise NotPublished(batch)
    if not batch.manifest:
        raise WithoutManifest(batch)
    return batch.manifest


def _archive(folder: str, content: Iterator[bytes]) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        content,
        content_type=ARCHIVE_MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{folder}.zip"'},
    )
