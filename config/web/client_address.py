"""The address of a client, behind the proxies that TRUSTED_PROXIES names."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The last address that no trusted proxy reported about itself; anyone can write the ones before it."""
    address = request.META.get("REMOTE_ADDR", "")
    for reported in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if not _is_trusted(address) or not _parsed(reported):
            break
        address = reported.strip()
    return address


def neighbourhood(address: str) -> str:
    """What one client can choose from: an IPv4 address, or the /64 of an IPv6 one."""
    parsed = _parsed(address)
    if parsed is None or parsed.version == 4:
        return address
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))


def _is_trusted(address: str) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in settings.TRUSTED_PROXIES)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address.strip())
    except ValueError:
        return None
