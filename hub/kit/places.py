"""Where the hub keeps things: the only reader of the environment's folder names."""

from __future__ import annotations

import os
from pathlib import Path


def cache_dir() -> Path:
    """Folder of pulled models and clips: `$HUB_CACHE`, else `~/.cache/xueliang-hub`."""
    return _folder("HUB_CACHE") or Path.home() / ".cache" / "xueliang-hub"


def data_dir() -> Path:
    """Folder of what must be kept (spools, database, media): `$HUB_DATA`, else `./var`."""
    return _folder("HUB_DATA") or Path("var")


def packages_dir() -> Path | None:
    """Folder with package archives for machines without a network: `$HUB_PACKAGES`, else None."""
    return _folder("HUB_PACKAGES")


def _folder(name: str) -> Path | None:
    value = os.environ.get(name, "").strip()
    return Path(value).expanduser() if value else None
