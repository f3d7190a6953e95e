"""Where the hub keeps things: the only reader of the environment's folder names."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

SOCKET_PATH_BYTES = 107
"""A longer path does not fit into the kernel's `sun_path`."""


def cache_dir() -> Path:
    """Folder of pulled models and clips: `$HUB_CACHE`, else `~/.cache/xueliang-hub`."""
    return _folder("HUB_CACHE") or Path.home() / ".cache" / "xueliang-hub"


def data_dir() -> Path:
    """Folder of what must be kept (spools, database, media): `$HUB_DATA`, else `./var`."""
    return _folder("HUB_DATA") or Path("var")


def packages_dir() -> Path | None:
    """Folder with package archives for machines without a network: `$HUB_PACKAGES`, else None."""
    return _folder("HUB_PACKAGES")


def socket_path(wanted: Path) -> Path:
    """`wanted`, or where that is too long for a socket a short path, the same for the same."""
    if len(os.fsencode(wanted)) <= SOCKET_PATH_BYTES:
        return wanted
    name = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"hub-{os.getuid()}-{name}" / "live.sock"


def _folder(name: str) -> Path | None:
    value = os.environ.get(name, "").strip()
    return Path(value).expanduser() if value else None
