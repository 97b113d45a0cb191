import ipaddress

import pytest

from feedback.webhooks.addresses import is_allowed

PUBLIC = ["93.184.215.14", "64:ff9b::5db8:d70e", "::ffff:93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]
PRIVATE = ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd12::1", "::ffff:10.0.0.1"]
NEVER = [
    *("169.254.169.254", "169.254.0.1", "fe80::1", "fd00:ec2::254", "168.63.129.16", "100.100.100.200", "192.0.0.192"),
    *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"),
    *("0.0.0.0", "::", "224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "2001:db8::1"),
    # Reserved, and in some networks another way to write an IPv4 address.
    *("::127.0.0.1", "::a9fe:a9fe", "::ffff:0:a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "fec0::1", "4000::1", "5f00::1"),
    # The rest of the registries, and IPv4 addresses embedded in IPv6 ones.
    *("192.88.99.1", "192.0.0.9", "192.31.196.1", "192.52.193.1", "192.175.48.1", "198.18.0.1", "198.51.100.1"),
    *("203.0.113.1", "::ffff:192.88.99.1", "64:ff9b::c058:6301", "2002:5db8:d70e::1", "2002:a00:1::1"),
    *("2001:0:5db8:d70e::1", "2001:1::1", "2001:2::1", "2001:3::1", "2001:4:112::1", "2001:20::1", "2001:30::1"),
    *("100::1", "100:0:0:1::1", "2620:4f:8000::1", "3fff::1", "fe80::ffff"),
]


@pytest.mark.parametrize("private", [False, True])
def test_allowed_addresses(private):
    def allowed(addresses):
        return [address for address in addresses if is_allowed(ipaddress.ip_address(address), private=private)]

    assert allowed(PUBLIC) == PUBLIC
    assert allowed(PRIVATE) == (PRIVATE if private else [])
    assert allowed(NEVER) == []
