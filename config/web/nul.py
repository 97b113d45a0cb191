"""Refuses NUL characters in the address of a console page, before a query hands them to PostgreSQL."""

from django.http import HttpResponseBadRequest


def refuse_nul(get_response):
    def middleware(request):
        inside_api = request.path_info.startswith("/api/")
        if not inside_api and ("\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", "")):
            return HttpResponseBadRequest("This address holds a NUL character.", content_type="text/plain")
        return get_response(request)

    return middleware
