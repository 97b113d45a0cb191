"""Answers 400 where PostgreSQL rejects a value of a request to the console, such as NUL or an invalid pattern."""

import structlog
from django.db import DataError

from feedback.api import errors

log = structlog.get_logger(__name__)


class RejectUnstorable:
    """Django's middleware, which also sees the errors of templates that run the query."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, DataError) or request.path_info.startswith("/api/"):
            return None
        state = getattr(exception.__cause__, "sqlstate", None)
        log.warning("value_rejected_by_database", view=request.resolver_match.view_name, sqlstate=state)
        return errors.bad_request(request, exception)
