"""Network addresses of requests, and the networks that the limits count."""

from __future__ import annotations

import ipaddress

from fastapi import Request


def address_of(request: Request) -> str:
    """Return the network address of a request's sender."""
    return request.client.host if request.client else "unknown"


def network_of(address: str) -> str:
    """Return the network that limits count: an IPv4 address, or the /64 of an IPv6 address.

    One machine can use all addresses of a /64. All other texts count as one network.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
    return str(parsed)
