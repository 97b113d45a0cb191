"""Signed requests to the webhook addresses of operators.

Each request carries a timestamp and an HMAC-SHA-256 over timestamp and body. Redirects are not followed, proxy
variables are ignored. Only the status of a response is kept, and of a failure its kind.
"""

import errno
import hashlib
import hmac
import http.client
import ipaddress
import os
import socket
import ssl
import time
from contextlib import closing, contextmanager
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from drift.alerts.addresses import is_allowed

TIMEOUT_SECONDS = 10
# The most a request may take in all, however many addresses time out and however slow the response is.
TOTAL_SECONDS = 20
TIMESTAMP, SIGNATURE, DELIVERY = "X-Crucible-Timestamp", "X-Crucible-Signature", "X-Crucible-Delivery"


class AlertFailed(Exception):
    """A message that was not delivered; `is_temporary`: whether a retry may succeed."""

    def __init__(self, message: str, *, is_temporary: bool, http_status: int | None = None):
        super().__init__(message)
        self.is_temporary = is_temporary
        self.http_status = http_status


def url_problem(url: str) -> str | None:
    """Why this is not a valid webhook URL; None if it is."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return "Write the URL in printable ASCII: other characters as %XX, host names as Punycode."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "Enter a valid URL."
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "The URL must start with https:// or http:// and contain a host."
    if "@" in parts.netloc:
        return "The URL must not contain a user or password; requests are authenticated by their signature."
    return None


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The value of the signature header: `sha256=` and the HMAC of timestamp, full stop and body in hexadecimal."""
    return "sha256=" + hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def post(url: str, body: bytes, *, secret: str, delivery: str, timestamp: int) -> int:
    """Send a body once and return the status, which is 2xx. Raises AlertFailed."""
    if problem := url_problem(url):
        raise AlertFailed(problem, is_temporary=False)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Crucible-Feedback",
        TIMESTAMP: str(timestamp),
        SIGNATURE: signature(secret, timestamp, body),
        DELIVERY: delivery,
    }
    parts = urlsplit(url)
    try:
        status = _status(parts, body, headers)
    except (OSError, UnicodeError, http.client.HTTPException) as error:
        raise AlertFailed(f"{parts.netloc} cannot be reached: {_reason(error)}.", is_temporary=True) from error
    if 200 <= status < 300:
        return status
    is_temporary = status >= 500 or status in (408, 425, 429)
    what = "redirects are not followed" if 300 <= status < 400 else "expected 2xx"
    raise AlertFailed(f"{parts.netloc} responded with {status}; {what}.", is_temporary=is_temporary, http_status=status)


def _status(parts: SplitResult, body: bytes, headers: dict[str, str]) -> int:
    is_tls = parts.scheme == "https"
    made = http.client.HTTPSConnection if is_tls else http.client.HTTPConnection
    # Without a port the last group of an IPv6 address would be parsed as one.
    connection = made(parts.hostname, parts.port or made.default_port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    ends_at = time.monotonic() + TOTAL_SECONDS
    plain = _connected(connection.host, connection.port, ends_at)
    with closing(connection), plain, _ended_at(ends_at, plain):
        # With the connection in place http.client does not resolve the host a second time.
        connection.sock = _encrypted(plain, connection.host) if is_tls else plain
        connection.request("POST", path, body, headers)
        status = connection.getresponse().status
    # A truncated response looks like a complete one.
    if time.monotonic() >= ends_at:
        raise TimeoutError("timed out")
    return status


def _encrypted(plain: socket.socket, host: str) -> ssl.SSLSocket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _connected(host: str, port: int, ends_at: float) -> socket.socket:
    """A connection to a checked address of this host. One forbidden address forbids the host."""
    addresses = [found[4] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in addresses:
        if not is_allowed(ipaddress.ip_address(address[0]), private=settings.ALERT_PRIVATE_ADDRESSES):
            problem = f"{host} resolves to {address[0]}, which is not an allowed webhook address"
            raise AlertFailed(f"{problem} (see ALERT_PRIVATE_ADDRESSES).", is_temporary=False)
    failure = OSError(errno.EADDRNOTAVAIL, "no address")
    for address in addresses:
        left = ends_at - time.monotonic()
        if left <= 0:
            break
        try:
            plain = socket.create_connection(address[:2], timeout=min(TIMEOUT_SECONDS, left))
            plain.settimeout(TIMEOUT_SECONDS)
            return plain
        except OSError as error:
            failure = error
    raise failure


@contextmanager
def _ended_at(ends_at: float, plain: socket.socket):
    # A duplicate, because TLS takes over the descriptor that it wraps.
    twin = plain.dup()
    timer = Timer(max(0.0, ends_at - time.monotonic()), twin.shutdown, [socket.SHUT_RDWR])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        twin.close()


def _reason(error: Exception) -> str:
    """Why a request failed, in words of this machine: what the receiver sent is not repeated."""
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason or type(error).__name__})"
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, socket.gaierror):
        return "its name cannot be resolved"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return f"{type(error).__name__}"
