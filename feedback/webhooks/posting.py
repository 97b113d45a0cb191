"""Sends one request to a webhook address of an operator, if the address is allowed.

Redirects are not followed, proxy variables are ignored. Only the status of a response is kept, and of a failure its
kind.
"""

import errno
import http.client
import ipaddress
import os
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import closing, contextmanager
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from feedback.webhooks.addresses import is_allowed

TIMEOUT_SECONDS = 10
# The most a request may take in all, however many addresses time out and however slow the response is.
TOTAL_SECONDS = 20
USER_AGENT = "Crucible-Feedback"


class PostFailed(Exception):
    """A request that was not accepted; `is_temporary`: whether a retry may succeed."""

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


def post(url: str, body: bytes, headers: Mapping[str, str], *, private: bool, setting: str) -> int:
    """Send a body once and return the status, which is 2xx. Raises PostFailed.

    private: whether private addresses are allowed; setting: what allows them, for the message.
    """
    if problem := url_problem(url):
        raise PostFailed(problem, is_temporary=False)
    parts = urlsplit(url)
    try:
        status = _status(parts, body, {"User-Agent": USER_AGENT, **headers}, private=private, setting=setting)
    except (OSError, UnicodeError, http.client.HTTPException) as error:
        raise PostFailed(f"{parts.netloc} cannot be reached: {_reason(error)}.", is_temporary=True) from error
    if 200 <= status < 300:
        return status
    is_temporary = status >= 500 or status in (408, 425, 429)
    what = "redirects are not followed" if 300 <= status < 400 else "expected 2xx"
    raise PostFailed(f"{parts.netloc} responded with {status}; {what}.", is_temporary=is_temporary, http_status=status)


def _status(parts: SplitResult, body: bytes, headers: dict[str, str], *, private: bool, setting: str) -> int:
    is_tls = parts.scheme == "https"
    made = http.client.HTTPSConnection if is_tls else http.client.HTTPConnection
    # Without a port the last group of an IPv6 address would be parsed as one.
    connection = made(parts.hostname, parts.port or made.default_port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    ends_at = time.monotonic() + TOTAL_SECONDS
    plain = _connected(connection.host, connection.port, ends_at, private=private, setting=setting)
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


def _connected(host: str, port: int, ends_at: float, *, private: bool, setting: str) -> socket.socket:
    """A connection to a checked address of this host. One forbidden address forbids the host."""
    addresses = [found[4] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in addresses:
        if not is_allowed(ipaddress.ip_address(address[0]), private=private):
            problem = f"{host} resolves to {address[0]}, which is not an allowed webhook address"
            raise PostFailed(f"{problem} (see {setting}).", is_temporary=False)
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
