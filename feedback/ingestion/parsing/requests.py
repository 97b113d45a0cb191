"""From an HTTP body to raw items, within the bounds of the installation."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from feedback.ingestion.parsing import bodies
from feedback.ingestion.parsing.bodies import RawItem

LINES = {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"}


class UnsupportedBody(Exception):
    """A content type or encoding that this endpoint does not read."""


@dataclass(frozen=True)
class Bounds:
    """What one request may hold; each bound with the setting that names it."""

    body_bytes: tuple[int, str]
    plain_bytes: tuple[int, str]
    items: tuple[int, str]

    @classmethod
    def of(cls, *, is_public: bool) -> "Bounds":
        """The bounds of a request with a public key, or with any other."""
        if is_public:
            body = settings.PUBLIC_KEY_MAX_BODY_BYTES, "PUBLIC_KEY_MAX_BODY_BYTES"
            return cls(body, body, (settings.PUBLIC_KEY_MAX_ITEMS, "PUBLIC_KEY_MAX_ITEMS"))
        return cls(
            (settings.INGEST_MAX_BODY_BYTES, "INGEST_MAX_BODY_BYTES"),
            (settings.INGEST_MAX_DECOMPRESSED_BYTES, "INGEST_MAX_DECOMPRESSED_BYTES"),
            (settings.INGEST_MAX_ITEMS, "INGEST_MAX_ITEMS"),
        )

    def check_body(self, size: int) -> None:
        """Raise BodyTooLarge for a body of more bytes as it is sent."""
        most, setting = self.body_bytes
        if size > most:
            raise bodies.BodyTooLarge(f"The body has more than {most} bytes ({setting}).")


def read_items(body: bytes, *, bounds: Bounds, content_type: str, encoding: str, list_name: str) -> Sequence[RawItem]:
    """The raw items of a body.

    Raises parsing.MalformedBody, parsing.BodyTooLarge or UnsupportedBody, each with a sentence for the client.
    """
    bounds.check_body(len(body))
    if encoding in {"gzip", "x-gzip"}:
        body = bodies.decompress(body, max_bytes=bounds.plain_bytes[0], setting=bounds.plain_bytes[1])
    elif encoding not in {"", "identity"}:
        raise UnsupportedBody(f"Content-Encoding {encoding} is not supported; send gzip or no encoding.")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in LINES and media_type != "application/json":
        raise UnsupportedBody(
            f"Content-Type {media_type or '(none)'} is not supported; send application/json or application/x-ndjson."
        )
    most, setting = bounds.items
    try:
        if media_type in LINES:
            items = bodies.split_lines(body, max_items=most)
        else:
            items = bodies.split_json(body, list_name=list_name, max_items=most)
    except bodies.TooManyItems as error:
        raise bodies.BodyTooLarge(f"The request has more than {most} items ({setting}).") from error
    if not items:
        raise bodies.MalformedBody("The request has no items.")
    return items
