"""Real processes of this project for tests that kill them."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    """The variables under which a child process uses the databases of this test."""
    name = connection.settings_dict["NAME"]
    return os.environ | {
        "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl(),
        "REDIS_URL": settings.REDIS_URL,
        "INGEST_FLUSH_SECONDS": "0.05",
    }


@contextmanager
def manage(*arguments: str):
    """A `manage.py` command as a child process, killed at the end if it still runs."""
    child = subprocess.Popen([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment())
    try:
        yield child
    finally:
        child.kill()
        child.wait()
