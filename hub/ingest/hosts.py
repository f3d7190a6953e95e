"""Where cameras' streams come from: one address is one camera, whatever it is called."""

from __future__ import annotations

import json
import posixpath
import socket
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection

from hub.ingest import repository
from hub.ingest.addresses import AddressPolicy, plain
from hub.kit.errors import Refused, Retryable
from hub.types.site import CameraSpec, OwnerKind

Address = tuple[str, str]
"""Host and path: behind that stand profiles and ports of the same camera."""
Whose = tuple[str, str, OwnerKind]
"""Id of a camera, its owner, and of which kind that is."""


@lru_cache(maxsize=1 << 15)
def address(url: str) -> Address:
    """That of a stream; all ways to write the same one are equal. No name is resolved.

    Remembered, for it is asked of every stream of the county at each camera that is entered.
    """
    try:
        parts = urlsplit(url)
        return _host(parts.hostname or ""), _path(parts.path)
    except ValueError:
        return "", url  # no host's; it is refused by name where it is checked


def _host(text: str) -> str:
    """As a resolver reads it: 167838211, 0x0a.1.515 and [::ffff:10.1.2.3] are all 10.1.2.3."""
    text = text.rstrip(".")
    with suppress(UnicodeError):
        text = text.encode("idna").decode("ascii")  # digits of full width are digits too
    with suppress(OSError):
        text = socket.inet_ntoa(socket.inet_aton(text))
    try:
        number = plain(text)
    except ValueError:
        return text
    return "127.0.0.1" if number.is_loopback else str(number)


def _path(text: str) -> str:
    """As most servers read it: %6Dain, //main/, /./main and /MAIN are all /main."""
    return posixpath.normpath("/" + unquote(text).strip("/")).casefold()


def addresses(camera: CameraSpec) -> set[Address]:
    """Those of its streams, as they are written."""
    return {address(stream.url) for stream in (camera.main, camera.sub) if stream is not None}


def leads_of(camera: CameraSpec, policy: AddressPolicy) -> set[Address]:
    """Where its streams lead: as they are written, and by number where the name is known now.

    Raises Refused for an address that is not allowed, or that carries a name or password. A host
    that cannot be resolved now is not refused: it is checked again before every connection.
    """
    found = addresses(camera)
    for stream in (camera.main, camera.sub):
        if stream is None:
            continue
        with suppress(Retryable):
            found.add(address(policy.check(stream.url)))
        if "@" in urlsplit(stream.url).netloc:
            raise Refused(
                "name and password stand in `credentials`, not in the address",
                code="password_in_address",
            )
    return found


def by_address(tx: Connection) -> dict[Address, list[Whose]]:
    """The registered cameras at each address; nothing else of them is read."""
    found: dict[Address, list[Whose]] = {}
    keys = ("owner", "owner_kind", "main", "sub")
    for camera_id, (owner, kind, *streams) in repository.cameras().fields(tx, keys).items():
        for where in {address(json.loads(stream)["url"]) for stream in streams if stream}:
            found.setdefault(where, []).append((camera_id, owner, OwnerKind(kind)))
    return found


def cameras_at(tx: Connection, leads: Iterable[Address]) -> list[str]:
    """The registered cameras with one of these addresses."""
    known = by_address(tx)
    return sorted({camera_id for where in leads for camera_id, *_ in known.get(where, ())})


def refuse_moved_password(before: CameraSpec, after: CameraSpec) -> None:
    """A password that is kept goes to the host it was given for, and to no other.

    Raises Refused (`password_wanted`).
    """
    kept = after.credentials is not None and not after.credentials.password.get_secret_value()
    known = {host for host, _ in addresses(before)}
    if kept and before.credentials is not None and {h for h, _ in addresses(after)} - known:
        raise Refused("another host wants the password again", code="password_wanted")
