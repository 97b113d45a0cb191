"""What tests of console pages need."""


def use_plain_static_files(settings):
    """Serve static files under their own names: no test collects and hashes them first."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
