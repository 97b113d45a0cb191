"""Files of events as answers to requests."""

from datetime import datetime

from django.http import StreamingHttpResponse
from django.http.response import HttpResponse, HttpResponseBase

from feedback.choices import EventFileFormat
from feedback.event_files import exporting
from feedback.event_files.filters import within_search
from feedback.event_files.formats import FORMATS
from feedback.stores.base import EventFilter

# When the oldest event occurred that a search for words reached.
SEARCHED_FROM = "X-Searched-From"


def response(where: EventFilter, format: EventFileFormat, *, by: str, method: str) -> HttpResponseBase:
    """The file of these events as an attachment; only its headers for the method HEAD."""
    where, searched_from = within_search(where)
    if method == "HEAD":
        answer: HttpResponseBase = HttpResponse()
    else:
        answer = StreamingHttpResponse(exporting.export(where, format, by=by))
    answer.headers["Content-Type"] = FORMATS[format].media_type
    answer.headers["Content-Disposition"] = f'attachment; filename="events.{format.value}"'
    if searched_from is not None:
        answer.headers[SEARCHED_FROM] = _written(searched_from)
    return answer


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
