"""Rejects NUL characters in console addresses before a query passes them to PostgreSQL."""

from django.http import HttpResponseBadRequest


def refuse_nul(get_response):
    def middleware(request):
        inside_api = request.path_info.startswith("/api/")
        if not inside_api and ("\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", "")):
            return HttpResponseBadRequest("This address contains a NUL character.", content_type="text/plain")
        return get_response(request)

    return middleware
