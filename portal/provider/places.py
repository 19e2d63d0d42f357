"""Where a request comes from, as limits count it.

Whoever has one IPv6 address has at least 2**64 of them, and may have 2**80: counted one by one, they have no limit.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from flask import request

HOME: Final = 64
"""Bits of an IPv6 address that all of one household's share."""
SITE: Final = 48
"""Bits that all of one customer's share at most."""


def place() -> str:
    """The address, or the household's network."""
    return _network(HOME)


def wide_place() -> str:
    """The address, or the widest network that one customer is given."""
    return _network(SITE)


def _network(bits: int) -> str:
    try:
        address: IPv4Address | IPv6Address = ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return "nowhere"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(ip_network((address, bits), strict=False))
        address = address.ipv4_mapped
    return str(address)
