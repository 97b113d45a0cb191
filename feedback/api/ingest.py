"""The base view of ingestion endpoints."""

import time
from collections.abc import Sequence
from dataclasses import asdict

import structlog
from django.core.exceptions import RequestDataTooBig
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.access import rates
from feedback.api.errors import RETRY_SECONDS, error_response
from feedback.choices import ItemKind
from feedback.ingestion import accept, stream
from feedback.ingestion.parsing import bodies, requests
from feedback.ingestion.parsing.bodies import RawItem
from feedback.ingestion.writing import rejections
from feedback.models import ApiKey
from feedback.stores.connection_loss import DATABASE_UNAVAILABLE

log = structlog.get_logger(__name__)


class IngestView(APIView):
    """Takes one object, a list under its name, or newline-delimited JSON, optionally with gzip."""

    kind: ItemKind
    list_name: str

    def ingest(self, request):
        began = time.thread_time()
        try:
            items = self._read(request)
            rates.count_body(request.auth, items=len(items), size=sum(len(item.data) for item in items))
            receipt = self.accept(items, key=request.auth)
        except bodies.MalformedBody as error:
            return error_response("malformed", str(error), http_status=400)
        except (bodies.BodyTooLarge, RequestDataTooBig) as error:
            return error_response("too_large", str(error), http_status=413)
        except requests.UnsupportedBody as error:
            return error_response("unsupported_media_type", str(error), http_status=415)
        except rates.TooMuch as error:
            return _later("throttled", str(error), error.retry_seconds)
        except stream.BacklogFull as error:
            return _later("backlog_full", str(error), RETRY_SECONDS)
        except DATABASE_UNAVAILABLE as error:
            log.warning("nothing_accepted", error=rejections.reason_of(error))
            message = "Neither the stream nor the database can be reached; nothing was accepted. Try again later."
            return error_response("unavailable", message, http_status=503, headers={"Retry-After": RETRY_SECONDS})
        finally:
            rates.charge(request.auth, seconds=time.thread_time() - began)
        return _answer(receipt)

    def accept(self, items: Sequence[RawItem], *, key: ApiKey) -> accept.Receipt:
        """As `accept.accept`, with its errors."""
        return accept.accept(items, self.kind, key=key)

    def _read(self, request) -> Sequence[RawItem]:
        bounds = requests.Bounds.of(is_public=request.auth.is_public)
        announced = request.META.get("CONTENT_LENGTH") or "0"
        bounds.check_body(int(announced) if announced.isdecimal() else 0)
        return requests.read_items(
            _whole_body(request),
            bounds=bounds,
            content_type=request.content_type or "",
            encoding=request.headers.get("Content-Encoding", "").strip().lower(),
            list_name=self.list_name,
        )


def _later(code: str, message: str, seconds: int | str) -> Response:
    return error_response(code, message, http_status=429, headers={"Retry-After": str(seconds)})


def _whole_body(request) -> bytes:
    """The body, if complete: a truncated one may still parse, with fewer items than were sent."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if announced.isdecimal() and len(request.body) < int(announced):
        raise bodies.MalformedBody(f"Only {len(request.body)} of {announced} bytes arrived.")
    return request.body


def _answer(receipt: accept.Receipt) -> Response:
    if not receipt.ids:
        errors = [asdict(error) | {"index": item.index} for item in receipt.rejected for error in item.errors]
        return Response({"errors": errors}, status=status.HTTP_400_BAD_REQUEST)
    body = {
        "batch_id": receipt.batch_id,
        "accepted": len(receipt.ids),
        "duplicates": receipt.duplicates,
        "ids": receipt.ids,
    }
    if receipt.signals_batch_id:
        body["signals_batch_id"] = receipt.signals_batch_id
    if receipt.warnings:
        body["warnings"] = [
            {"index": item.index, "id": item.id, "field": note.field, "code": note.code, "message": note.message}
            for item in receipt.warnings
            for note in item.notes
        ]
    if not receipt.rejected:
        return Response(body, status=status.HTTP_202_ACCEPTED)
    body["rejected"] = [asdict(item) for item in receipt.rejected]
    return Response(body, status=status.HTTP_207_MULTI_STATUS)
