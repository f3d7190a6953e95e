"""From a card to an ONNX file in the cache."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from hub.analytics.catalog.cards import Card
from hub.analytics.catalog.tfjs import convert
from hub.kit.errors import Permanent
from hub.kit.fetch import Progress, kept_member, pull_member

_CONVERTER = "1"
"""Part of a converted graph's name: a converter that writes another graph gets another number."""


def pull(card: Card, cache: Path, progress: Progress | None = None) -> Path:
    """The card's ONNX graph, pulled and converted where it is not there yet.

    Raises what `pull_member` raises, and Permanent (`conversion_failed`).
    """
    files = [
        pull_member(card.source, member.path, member.sha256, cache, progress)
        for member in card.members
    ]
    if card.convert == "none":
        return files[0]
    target = _converted(card, cache)
    if not target.is_file():
        topology = [path for path in files if path.suffix == ".json"]
        weights = [path for path in files if path.suffix != ".json"]
        if len(topology) != 1:
            raise Permanent(
                f"model {card.id}: a TFJS model has one .json member, this has {len(topology)}",
                code="conversion_failed",
            )
        _write(target, convert(topology[0], weights, card.id))
    return target


def present(card: Card, cache: Path) -> bool:
    """True when `pull` would find all it needs in the cache."""
    if card.convert == "tfjs" and not _converted(card, cache).is_file():
        return False
    return all(
        kept_member(card.source, member.path, member.sha256, cache) is not None
        for member in card.members
    )


def _converted(card: Card, cache: Path) -> Path:
    parts = ":".join([_CONVERTER, *(member.sha256 for member in card.members)])
    return cache / "graphs" / f"{card.id}-{hashlib.sha256(parts.encode()).hexdigest()[:16]}.onnx"


def _write(target: Path, content: bytes) -> None:
    """All or nothing, also when two processes convert at once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".graph-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)
