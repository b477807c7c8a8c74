"""Where a webhook may lead: names are looked up once, what was found is checked, and that and nothing else is called.

A name could lead elsewhere when it is looked up a second time (DNS rebinding), so the connection is made to the very
address that was checked, while the certificate and the `Host` header stay those of the name.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable

from server.errors import ServerError

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Addresses of a host name, for a port.

Raises:
    OSError: there are none.
"""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class InsideError(ServerError):
    """A webhook's name leads into the own network."""


async def look_up(host: str, port: int) -> list[str]:
    """Ask the system; an address stands for itself."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


async def addresses_of(host: str, port: int, *, allow_private: bool, resolve: Resolve) -> list[str]:
    """Addresses that may be called.

    Raises:
        InsideError: one of them is not public.
        OSError: the name is not known.
    """
    found = await resolve(host, port)
    if not allow_private and any(inside(address) for address in found):
        raise InsideError(f"{host} is an address inside the network; set allow_private if that is meant")
    return found


def inside(address: str) -> bool:
    """Whether an address is not public: also one that holds such an address in a wrapping of IPv6."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if wrapped is not None:
            return inside(str(wrapped))
    return not ip.is_global or ip.is_multicast
