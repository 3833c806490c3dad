"""Where a webhook may go: resolved first, then checked, and the connection is made to the address that was checked.

An address a partner gives must not be a way into our own network.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

import httpx

IPAddress = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_NAT64: Final = IPv6Network("64:ff9b::/96")
_NAT64_OF_THE_NETWORK: Final = IPv6Network("64:ff9b:1::/48")
"""Where a network puts the IPv4 address in it is that network's own choice (RFC 8215): none of it is public."""
_LOOKUPS_AT_ONCE: Final = 32
_PORTS: Final = {"https": 443, "http": 80}


class AddressRefused(Exception):
    """Not an address a webhook may go to."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect (`url`, its host an IP address), and the name the receiver goes by."""

    url: httpx.URL
    host: str
    authority: str


class Addresses:
    """The check. `allow_private` lets addresses of our own network pass, and plain HTTP."""

    def __init__(self, *, allow_private: bool, resolve: Resolve | None = None) -> None:
        self._allow_private = allow_private
        self._lookups: ThreadPoolExecutor | None = None
        self._resolve = resolve or self._look_up

    async def checked(self, address: str) -> Target:
        """The one address to connect to.

        Raises:
            AddressRefused: no https URL, or one of the addresses behind its name is not public.
            OSError: the name does not resolve.
        """
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL:
            raise AddressRefused("not a URL") from None
        schemes = ("https", "http") if self._allow_private else ("https",)
        if url.scheme not in schemes or not url.host or url.userinfo:
            raise AddressRefused("not an https URL, or with a password in it")
        port = url.port if url.port is not None else _PORTS[url.scheme]
        if not 0 < port < 65536:
            raise AddressRefused("not a port")
        found = [ip_address(text.partition("%")[0]) for text in await self._resolve(url.host, port)]
        if not found:
            raise OSError("the name has no address")
        if not self._allow_private and not all(is_public(one) for one in found):
            raise AddressRefused("not a public address")
        return Target(url.copy_with(host=str(found[0])), url.host, url.netloc.decode("ascii"))

    def close(self) -> None:
        """Gives the threads back; look-ups that hang are left to themselves."""
        if self._lookups is not None:
            self._lookups.shutdown(wait=False, cancel_futures=True)
            self._lookups = None

    async def _look_up(self, host: str, port: int) -> list[str]:
        def ask() -> list[str]:
            return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]

        if self._lookups is None:
            # Threads of our own: names that hang would hold up everybody else's look-ups in the shared ones.
            self._lookups = ThreadPoolExecutor(_LOOKUPS_AT_ONCE, thread_name_prefix="lookup")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._lookups, ask)
        except UnicodeError:
            raise AddressRefused("not a host name") from None


def is_public(address: IPAddress) -> bool:
    """Whether an address is on the public internet, and so is any IPv4 address that hides in it."""
    if isinstance(address, IPv6Address):
        hidden = address.ipv4_mapped or address.sixtofour
        if address in _NAT64_OF_THE_NETWORK:
            return False
        if address in _NAT64:
            hidden = IPv4Address(int(address) & 0xFFFFFFFF)
        if hidden is not None:
            return is_public(hidden)
        if address.teredo is not None or address.is_site_local:
            return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
    )
