import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.web.dechunk import Dechunk

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = Dechunk(get_wsgi_application(), max_bytes=settings.INGEST_MAX_BODY_BYTES)
