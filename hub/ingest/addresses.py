"""Which addresses a camera may have: resolved first, checked, then connected by number."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from urllib.parse import SplitResult, urlsplit, urlunsplit

from pydantic import IPvAnyNetwork

from hub.kit.errors import Refused, Retryable
from hub.types.site import Spec

Resolver = Callable[[str], Sequence[str]]
"""Host name to its numeric addresses. Raises OSError when there are none."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _network(text: str) -> IPvAnyNetwork:
    return ipaddress.ip_network(text)


PRIVATE = tuple(
    _network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "::1", "fc00::/7")
)
"""Where cameras stand: private networks, and this machine (a relay or the simulator)."""


class AddressPolicy(Spec):
    """Schemes and address ranges that cameras may use; everything else is refused.

    A name is resolved here and connected by number, so that it cannot lead elsewhere
    between the check and the connection. `file` (clips in place of cameras) has no host
    and is allowed only where it is listed.
    """

    schemes: tuple[str, ...] = ("rtsp",)
    ranges: tuple[IPvAnyNetwork, ...] = PRIVATE

    def check(self, url: str, resolve: Resolver | None = None) -> str:
        """The same URL with its host as a number.

        Raises Refused (`address_refused`) for a scheme or an address that is not allowed,
        Retryable (`unreachable`) for a name that cannot be resolved now.
        """
        parts = _split(url)
        if parts.scheme not in self.schemes:
            raise Refused(f"scheme {parts.scheme!r} is not allowed", code="address_refused")
        if parts.scheme == "file":
            return url
        if not parts.hostname:
            raise Refused("the address names no host", code="address_refused")
        try:
            found = (resolve or _resolve)(parts.hostname)
        except OSError as error:
            raise Retryable(f"cannot resolve {parts.hostname}", code="unreachable") from error
        addresses = [plain(text) for text in found]
        for address in addresses:
            if not any(address in network for network in self.ranges):
                raise Refused(
                    f"{parts.hostname} leads to {address}, outside the allowed ranges",
                    code="address_refused",
                )
        return urlunsplit(parts._replace(netloc=_netloc(parts, addresses[0])))


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise Refused("the address cannot be read", code="address_refused") from error
    return parts if parts.scheme else parts._replace(scheme="file")


def _resolve(host: str) -> Sequence[str]:
    rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(row[4][0]) for row in rows]


def plain(text: str) -> Address:
    """The address itself, an IPv4 one out of its IPv6 mapping (`::ffff:10.0.0.1`)."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _netloc(parts: SplitResult, address: Address) -> str:
    user, at, _ = parts.netloc.rpartition("@")
    host = f"[{address}]" if address.version == 6 else str(address)
    return f"{user}{at}{host}" + (f":{parts.port}" if parts.port else "")
