"""From an HTTP body to raw items, within the bounds of the installation."""

from collections.abc import Sequence

from django.conf import settings

from feedback.ingestion.parsing import bodies
from feedback.ingestion.parsing.bodies import RawItem

LINES = {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"}


class UnsupportedBody(Exception):
    """A content type or encoding that this endpoint does not read."""


def read_items(body: bytes, *, content_type: str, encoding: str, list_name: str) -> Sequence[RawItem]:
    """The raw items of a body.

    Raises parsing.MalformedBody, parsing.BodyTooLarge or UnsupportedBody, each with a sentence for the client.
    """
    if len(body) > settings.INGEST_MAX_BODY_BYTES:
        raise bodies.BodyTooLarge(
            f"The body has more than {settings.INGEST_MAX_BODY_BYTES} bytes (INGEST_MAX_BODY_BYTES)."
        )
    if encoding in {"gzip", "x-gzip"}:
        body = bodies.decompress(body, max_bytes=settings.INGEST_MAX_DECOMPRESSED_BYTES)
    elif encoding not in {"", "identity"}:
        raise UnsupportedBody(f"Content-Encoding {encoding} is not supported; send gzip or no encoding.")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in LINES:
        items = bodies.split_lines(body, max_items=settings.INGEST_MAX_ITEMS)
    elif media_type == "application/json":
        items = bodies.split_json(body, list_name=list_name, max_items=settings.INGEST_MAX_ITEMS)
    else:
        raise UnsupportedBody(
            f"Content-Type {media_type or '(none)'} is not supported; send application/json or application/x-ndjson."
        )
    if not items:
        raise bodies.MalformedBody("The request has no items.")
    return items
