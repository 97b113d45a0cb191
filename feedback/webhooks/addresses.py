"""Which addresses a webhook may go to.

Source: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), and the metadata services of clouds.
"""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _networks(*texts: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(map(ipaddress.ip_network, texts))


# They hand out credentials; some are in public or private ranges.
METADATA = _networks(
    "169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"
)
PRIVATE = _networks(
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7"
)
SPECIAL = _networks(
    "0.0.0.0/8",  # This network
    "169.254.0.0/16",  # Link-local
    "192.0.0.0/24",  # IETF protocol assignments
    "192.0.2.0/24",  # Documentation
    "192.31.196.0/24",  # AS112
    "192.52.193.0/24",  # AMT
    "192.88.99.0/24",  # 6to4 relays
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",  # Benchmarking
    "198.51.100.0/24",  # Documentation
    "203.0.113.0/24",  # Documentation
    "224.0.0.0/4",  # Multicast
    "240.0.0.0/4",  # Reserved, broadcast
    "2001::/23",  # IETF protocol assignments, Teredo, ORCHID
    "2001:db8::/32",  # Documentation
    "2002::/16",  # 6to4, which embeds an IPv4 address
    "2620:4f:8000::/48",  # AS112
    "3fff::/20",  # Documentation
)
# Allocated IPv6. The rest is special or reserved, and some of it embeds IPv4 addresses.
UNICAST = ipaddress.ip_network("2000::/3")
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_allowed(address: Address, *, private: bool) -> bool:
    """Whether this address may receive webhooks; private ones only if `private`, special ones and metadata never."""
    address = _reached(address)
    if _is_in(METADATA, address):
        return False
    if _is_in(PRIVATE, address):
        return private
    if address.version == 6 and address not in UNICAST:
        return False
    return not _is_in(SPECIAL, address)


def _reached(address: Address) -> Address:
    """The IPv4 address that a mapped or NAT64 address leads to."""
    if address.version == 6 and (address.ipv4_mapped or address in NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _is_in(networks: tuple, address: Address) -> bool:
    return any(address in network for network in networks)
