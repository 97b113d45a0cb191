from django.http import FileResponse

from exports import storage
from exports.choices import ExportStatus
from exports.models import ExportBatch

MEDIA_TYPE = "application/x-ndjson"


class NotPublished(Exception):
    def __init__(self, batch: ExportBatch):
        super().__init__(f"{batch} is {batch.get_status_display().lower()}; there is a file when it is published.")


class FileGone(Exception):
    def __init__(self, batch: ExportBatch):
        super().__init__(f"The file of {batch} is no longer in the export folder.")


def response(batch: ExportBatch) -> FileResponse:
    """The published file, streamed. Raises NotPublished, and FileGone when somebody took it away."""
    if batch.status != ExportStatus.PUBLISHED:
        raise NotPublished(batch)
    name = batch.files[0]["path"]
    try:
        file = storage.open_published(name)
    except FileNotFoundError as error:
        raise FileGone(batch) from error
    return FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPE)
