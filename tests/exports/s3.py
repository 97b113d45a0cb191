"""A real S3-compatible server on this machine."""

import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import Request, urlopen

from config.embedded.servers import ports

STARTS_WITHIN_SECONDS = 30


@contextmanager
def server() -> Iterator[str]:
    """The address of a server that lasts for this block."""
    port = ports.first_free(16_000)
    program = [sys.executable, "-m", "moto.server", "-H", ports.LOOPBACK, "-p", str(port)]
    process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://{ports.LOOPBACK}:{port}"
    try:
        _wait(process, address)
        yield address
    finally:
        process.kill()
        process.wait()


def _wait(process, address):
    end = time.monotonic() + STARTS_WITHIN_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            urlopen(f"{address}/moto-api/", timeout=1).close()
            return
        except (URLError, TimeoutError):
            time.sleep(0.05)
    raise RuntimeError(f"The S3 server did not start at {address}.")


def new_bucket(address: str) -> str:
    name = f"exports-{uuid.uuid4()}"
    urlopen(Request(f"{address}/{name}", method="PUT"), timeout=10).close()
    return name


def variables(address: str) -> dict[str, str]:
    """What makes a client of S3 talk to this server, and look for nothing elsewhere."""
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_S3": address,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def access_checked(address: str) -> Iterator[None]:
    """Within this block the server knows no key, and so refuses each."""
    _let_through(address, b"0")
    try:
        yield
    finally:
        _let_through(address, b"Infinity")


def _let_through(address, number):
    headers = {"Content-Type": "text/plain"}
    urlopen(Request(f"{address}/moto-api/reset-auth", data=number, headers=headers, method="POST"), timeout=10).close()
