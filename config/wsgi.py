import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.web.dechunk import Dechunk
from feedback.jobs import statement_time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

statement_time.limit(settings.WEB_STATEMENT_SECONDS)
application = Dechunk(get_wsgi_application(), max_bytes=settings.INGEST_MAX_BODY_BYTES)
