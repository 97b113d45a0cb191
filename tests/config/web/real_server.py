"""The real web server, with one process, on this test's database and stream."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

COMMAND = [sys.executable, "-m", "gunicorn", "--config", "config/web/gunicorn.py", "--workers", "1"]


@contextmanager
def serving(folder: Path, **variables: str) -> Iterator[tuple[str, int]]:
    """Start the server with these variables and yield its address; its log is in the folder."""
    name = connection.settings_dict["NAME"]
    environment = {
        "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl(),
        "REDIS_URL": settings.REDIS_URL,
        **variables,
    }
    with socket.create_server(("127.0.0.1", 0)) as listener, (folder / "web.log").open("w") as log:
        process = subprocess.Popen(
            [*COMMAND, "--bind", f"fd://{listener.fileno()}", "config.wsgi"],
            cwd=settings.BASE_DIR,
            env=os.environ | environment,
            pass_fds=[listener.fileno()],
            stdout=log,
            stderr=log,
        )
        try:
            yield listener.getsockname()
        finally:
            process.terminate()
            process.wait()
