"""Calls to addresses that somebody gave us: never to this machine or its network, never further than was asked.

The name is resolved once, every address that it has is checked, and the connection goes to a checked address: a name
that answers otherwise a moment later (DNS rebinding) changes nothing. Redirects are not followed, for they would name
an address that nobody checked. TLS is for the name, as usual.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

import httpcore
import httpx
from anyio import to_thread

_UNICAST = ipaddress.ip_network("2000::/3")  # all of IPv6 that was ever given out for the open internet
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class RefusedAddressError(Exception):
    """An address that this service does not call; the message says which and why."""


class CallError(Exception):
    """A call that failed: no connection, no answer in time, or more of an answer than was asked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``body`` holds at most as much as was asked for."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    complete: bool  # False: there was more of the body


def is_public(address: Address) -> bool:
    """Whether ``address`` is one of the open internet, also where it is written inside another one (NAT64)."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        inner = [address.sixtofour, *(address.teredo or ())]
        # What Python calls global also holds old site-local addresses (fec0::/10) and IPv4 ones behind zeros (::/96).
        if address not in _UNICAST or any(one is not None and not is_public(one) for one in inner):
            return False
    return address.is_global and not address.is_multicast


def check_url(url: str) -> None:
    """Raise RefusedAddressError unless ``url`` is http or https, names a host, and carries no password."""
    try:
        parts = urlsplit(url)
        is_fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and bool(_as_sent(url))
    except (ValueError, httpx.InvalidURL):
        is_fine = False
    if not is_fine:
        raise RefusedAddressError(f"{url!r} is no address of the form https://host/path")
    if parts.username is not None or parts.password is not None:
        raise RefusedAddressError(f"the address of {parts.hostname} holds a user name; leave it out")


def _as_sent(url: str) -> str:
    """``url`` in ASCII, as a request has it: the host by IDNA, other letters by percent signs."""
    return str(httpx.URL(url))


async def resolve(host: str, port: int, *, allow_private: bool) -> list[str]:
    """The addresses of ``host``. Raises RefusedAddressError when one of them is not public, CallError for none."""
    look = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        # Not by asyncio's own threads: these few serve requests too, and a resolver that keeps silent would hold each
        # of them for half a minute.
        found = await to_thread.run_sync(look, abandon_on_cancel=True)
    except (OSError, UnicodeError) as error:
        raise CallError(f"{host} has no address: {error}") from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    for address in addresses:
        # One private address among public ones is enough to refuse: which one is called would be left to chance.
        if not allow_private and not is_public(ipaddress.ip_address(address.partition("%")[0])):
            raise RefusedAddressError(f"{host} is {address}, which is not an address of the open internet")
    return addresses


class _Checked(httpcore.AnyIOBackend):
    """Connects to addresses that were resolved and checked here."""

    def __init__(self, *, seconds: float, allow_private: bool) -> None:
        self._seconds = seconds
        self._allow_private = allow_private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        *others, last = await resolve(host, port, allow_private=self._allow_private)
        share = self._seconds / (len(others) + 2)  # of the call's time, for each address and for the call itself
        for address in others:
            try:
                return await super().connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue  # the next one may answer
        return await super().connect_tcp(last, port, timeout, local_address, socket_options)


class Caller:
    """Makes calls within ``seconds`` each, and reads at most ``most_bytes`` of each answer."""

    def __init__(self, *, seconds: float, most_bytes: int, allow_private: bool = False) -> None:
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=None,  # how many at a time is for who calls to say: here a call would wait, and time out
            network_backend=_Checked(seconds=seconds, allow_private=allow_private),
            keepalive_expiry=5,
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def call(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """One call, from resolving the name to the last byte. Raises RefusedAddressError or CallError."""
        check_url(url)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._call(method, url, headers, body)
        except TimeoutError as error:
            raise CallError(f"no whole answer within {self._seconds:g} seconds") from error
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            ssl.SSLError,
            OSError,
        ) as error:
            raise CallError(f"{type(error).__name__}: {error}") from error

    async def _call(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        async with self._pool.stream(method, _as_sent(url), headers=list(headers.items()), content=body) as response:
            received = bytearray()
            async for chunk in response.aiter_stream():
                received += chunk
                if len(received) > self._most_bytes:
                    break
            answered = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            complete = len(received) <= self._most_bytes
            return Answer(response.status, answered, bytes(received[: self._most_bytes]), complete)
