"""Asks an OpenAI-compatible endpoint one question.

The address is checked before each try, redirects are not followed, proxy variables are ignored, and time and size are
bounded. Nothing in a request says what it is asked for.
"""

import asyncio
import ipaddress
import json
import random
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx2
from django.conf import settings
from django.utils import timezone

from feedback.endpoints.endpoints import Endpoint, EndpointUnusable
from feedback.endpoints.replies import Reply, estimate, missing, read
from feedback.webhooks.addresses import is_allowed
from feedback.webhooks.posting import USER_AGENT

TRIES = 4
FIRST_PAUSE_SECONDS = 1.0
MOST_PAUSE_SECONDS = 60.0
MOST_RESPONSE_BYTES = 4 * 2**20
_TEMPORARY = frozenset({408, 409, 425, 429})
# The endpoint itself is wrong, not the question.
_REFUSED = {401: "rejects the key", 403: "forbids the request", 404: "does not know the path or the model"}

# Waits so many seconds; returns whether no more tries are wanted.
Pause = Callable[[float], bool]


class TemporaryFailure(Exception):
    """A try that failed; `after`: seconds that the server asks to wait; `may_be_billed`: whether it may have worked."""

    def __init__(self, reason: str, *, after: float | None = None, may_be_billed: bool = False):
        super().__init__(reason)
        self.after = after
        self.may_be_billed = may_be_billed


def ask(endpoint: Endpoint, messages: Sequence[Mapping[str, Any]], *, pause: Pause, **more: Any) -> Reply:
    """The reply of an endpoint to a conversation, after up to 4 tries; more: as `encode`. Raises EndpointUnusable."""
    body = encode(endpoint, messages, **more)
    reason = ""
    for number in range(TRIES):
        try:
            return asyncio.run(attempt(endpoint, body, number=number))
        except TemporaryFailure as failed:
            reason = str(failed)
            if number + 1 < TRIES and pause(pause_seconds(failed, number)):
                break
    return missing(reason, is_down=True)


def encode(endpoint: Endpoint, messages: Sequence[Mapping[str, Any]], **more: Any) -> bytes:
    """The body of a request; more: beside the parameters of the endpoint."""
    facts = {**endpoint.parameters, **more, "model": endpoint.model, "messages": list(messages)}
    return json.dumps(facts, ensure_ascii=False).encode("utf-8", "replace")


async def attempt(endpoint: Endpoint, body: bytes, *, number: int = 0) -> Reply:
    """The reply to one try; cancelling it closes the connection. number: of the try, each with the next address.

    Raises EndpointUnusable and TemporaryFailure.
    """
    status, content = await _try(endpoint, body, number)
    if content is None:
        return missing(
            f"The response is compressed or has more than {MOST_RESPONSE_BYTES // 2**20} MiB.", status=status
        )
    if status != 200:
        return missing(f"The endpoint responded with {status}.", status=status)
    return read(content, asked=estimate(len(body)))


def pause_seconds(failed: TemporaryFailure, number: int) -> float:
    """How long to wait: what the server asks for, else longer each time, apart from other requests."""
    if failed.after is not None:
        return min(failed.after, MOST_PAUSE_SECONDS)
    return FIRST_PAUSE_SECONDS * 2**number * random.uniform(0.5, 1.0)  # noqa: S311 - spreads requests


async def _try(endpoint: Endpoint, body: bytes, number: int) -> tuple[int, bytes | None]:
    try:
        async with asyncio.timeout(endpoint.timeout_seconds):
            return await _send(endpoint, body, number)
    except TimeoutError:
        raise TemporaryFailure("The endpoint timed out.", may_be_billed=True) from None
    except (httpx2.ConnectError, OSError, UnicodeError) as error:
        raise TemporaryFailure(f"The endpoint cannot be reached ({type(error).__name__}).") from error
    except httpx2.HTTPError as error:
        reason = f"The endpoint cannot be reached ({type(error).__name__})."
        raise TemporaryFailure(reason, may_be_billed=True) from error


async def _send(endpoint: Endpoint, body: bytes, number: int) -> tuple[int, bytes | None]:
    """Status and body of a response, None for a body that is not read to its end."""
    parts = urlsplit(endpoint.base_url)
    host = parts.hostname or ""
    addresses = await _addresses(host, parts.port or (443 if parts.scheme == "https" else 80), endpoint)
    url = httpx2.URL(f"{endpoint.base_url.rstrip('/')}/chat/completions").copy_with(
        host=addresses[number % len(addresses)]
    )
    headers = {
        "Host": parts.netloc,
        "User-Agent": USER_AGENT,
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
    }
    if key := endpoint.key():
        headers["Authorization"] = f"Bearer {key}"
    async with httpx2.AsyncClient(trust_env=False, timeout=None, verify=_certificates()) as client:
        # The name is that of the certificate; the address is the checked one.
        named = {"sni_hostname": host}
        async with client.stream("POST", url, content=body, headers=headers, extensions=named) as response:
            _check(response)
            return response.status_code, await _body(response)


def _check(response: httpx2.Response) -> None:
    status = response.status_code
    if 300 <= status < 400:
        raise EndpointUnusable(f"it responded with {status}; redirects are not followed.")
    if status in _REFUSED:
        raise EndpointUnusable(f"it {_REFUSED[status]} ({status}).")
    if status in _TEMPORARY or status >= 500:
        after = _asked_pause(response.headers.get("Retry-After", ""))
        raise TemporaryFailure(f"The endpoint responded with {status}.", after=after)


async def _body(response: httpx2.Response) -> bytes | None:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return None
    content = bytearray()
    async for piece in response.aiter_raw():
        content += piece
        if len(content) > MOST_RESPONSE_BYTES:
            return None
    return bytes(content)


def _asked_pause(header: str) -> float | None:
    """The seconds of a Retry-After header, a number or a date."""
    header = header.strip()
    if header.isascii() and header.isdecimal():
        return float(header[:9])
    try:
        found = parsedate_to_datetime(header)
        return max(0.0, (found - timezone.now()).total_seconds())
    except (ValueError, TypeError):
        return None


async def _addresses(host: str, port: int, endpoint: Endpoint) -> list[str]:
    """The addresses of a host, all of them allowed: one that is not forbids the host."""
    loop = asyncio.get_running_loop()
    found = [entry[4][0] for entry in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        allows_private = endpoint.private or settings.ALERT_PRIVATE_ADDRESSES
        if not is_allowed(ipaddress.ip_address(address), private=allows_private):
            raise EndpointUnusable(
                f"{host} resolves to {address}, which is not an allowed address (see LLM_ENDPOINTS, private)."
            )
    return list(dict.fromkeys(found))


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()
