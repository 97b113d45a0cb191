"""Signed requests to addresses that an operator has named, and to no other place.

The receiver is known by its key: each request carries the time and an HMAC-SHA-256 over time and body. Redirects are
not followed, proxies of the environment are not used, and nothing of the answer is kept but its status.
"""

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import time
from contextlib import closing, contextmanager
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

TIMEOUT_SECONDS = 10
# However many addresses are silent, and however slowly an answer comes, a worker is held no longer than this.
TOTAL_SECONDS = 20
TIMESTAMP, SIGNATURE, DELIVERY = "X-Crucible-Timestamp", "X-Crucible-Signature", "X-Crucible-Delivery"
# Where clouds answer questions about the machine that asks, credentials included; some lie in public ranges.
METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"),
    )
)
PRIVATE = tuple(
    map(
        ipaddress.ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7"),
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# All that is handed out of IPv6. What lies outside is reserved, and some of it wraps an IPv4 address unseen.
_UNICAST = ipaddress.ip_network("2000::/3")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AlertFailed(Exception):
    """A message that was not taken; `can_heal` says whether trying again may help."""

    def __init__(self, message: str, *, can_heal: bool, http_status: int | None = None):
        super().__init__(message)
        self.can_heal = can_heal
        self.http_status = http_status


def url_problem(url: str) -> str | None:
    """What is wrong with the text of an address."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return "Write the URL in printable ASCII: other characters as %XX, host names as Punycode."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "This is not a URL."
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "The URL begins with https:// or http:// and names a host."
    if "@" in parts.netloc:
        return "The URL holds no user and no password: the signature says who sends."
    return None


def is_allowed(address: Address, *, private: bool) -> bool:
    """Whether a webhook may go to this address. Link-local, metadata and special addresses are never allowed."""
    address = _innermost(address)
    if address in METADATA:
        return False
    if any(address in network for network in PRIVATE):
        return private
    if address.version == 6 and address not in _UNICAST:
        return False
    return address.is_global and not address.is_multicast


def _innermost(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for."""
    if address.version == 6:
        if address.ipv4_mapped or address.sixtofour:
            return address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The value of the signature header: `sha256=` and the HMAC of timestamp, full stop and body in hexadecimal."""
    return "sha256=" + hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def post(url: str, body: bytes, *, secret: str, delivery: str, timestamp: int) -> int:
    """Send a body once and return the status, which is 2xx. Raises AlertFailed."""
    if problem := url_problem(url):
        raise AlertFailed(problem, can_heal=False)
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
        raise AlertFailed(f"{parts.netloc} cannot be reached: {_words(error)}", can_heal=True) from error
    if 200 <= status < 300:
        return status
    can_heal = status >= 500 or status in (408, 425, 429)
    what = "a redirect, which is not followed" if 300 <= status < 400 else "not 2xx"
    raise AlertFailed(f"{parts.netloc} answered {status}, {what}.", can_heal=can_heal, http_status=status)


def _status(parts: SplitResult, body: bytes, headers: dict[str, str]) -> int:
    is_tls = parts.scheme == "https"
    made = http.client.HTTPSConnection if is_tls else http.client.HTTPConnection
    # The port is always given: without one the last group of an IPv6 address would be taken for it.
    connection = made(parts.hostname, parts.port or made.default_port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    ends_at = time.monotonic() + TOTAL_SECONDS
    plain = _connected(connection.host, connection.port, ends_at)
    with closing(connection), plain, _ended_at(ends_at, plain):
        # A connection that is there already is used as it is: nothing asks for the host's address a second time.
        connection.sock = _encrypted(plain, connection.host) if is_tls else plain
        connection.request("POST", path, body, headers)
        status = connection.getresponse().status
    # An answer that was cut off looks like one that has ended.
    if time.monotonic() >= ends_at:
        raise TimeoutError("timed out")
    return status


def _encrypted(plain: socket.socket, host: str) -> ssl.SSLSocket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _connected(host: str, port: int, ends_at: float) -> socket.socket:
    """A connection to an address of this host that was checked. One forbidden address forbids the host."""
    places = [place[4] for place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for place in places:
        if not is_allowed(ipaddress.ip_address(place[0]), private=settings.ALERT_PRIVATE_ADDRESSES):
            message = f"{host} is at {place[0]}, where no alert may go (ALERT_PRIVATE_ADDRESSES says what may)."
            raise AlertFailed(message, can_heal=False)
    failure = OSError(f"{host} has no address")
    for place in places:
        left = ends_at - time.monotonic()
        if left <= 0:
            break
        try:
            plain = socket.create_connection(place[:2], timeout=min(TIMEOUT_SECONDS, left))
            plain.settimeout(TIMEOUT_SECONDS)
            return plain
        except OSError as error:
            failure = error
    raise failure


@contextmanager
def _ended_at(ends_at: float, plain: socket.socket):
    # A descriptor of its own: TLS takes over the one that it wraps.
    twin = plain.dup()
    timer = Timer(max(0.0, ends_at - time.monotonic()), twin.shutdown, [socket.SHUT_RDWR])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        twin.close()


def _words(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text if text.endswith(".") else f"{text}."
