"""Evidence on the disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hub.kit.errors import NotFound, Permanent, Retryable
from hub.kit.ids import random_id
from hub.store import media
from hub.store.db import Database
from hub.store.media import MediaKind, MediaStore


def test_what_was_put_can_be_opened(tmp_path: Path) -> None:
    store, id_ = MediaStore(tmp_path), random_id()
    store.put(id_, MediaKind.PICTURE, b"\xff\xd8 picture")
    store.put(id_, MediaKind.CLIP, b"clip")
    store.put(id_, MediaKind.CLIP, b"longer clip")
    with store.open(id_, MediaKind.CLIP) as file:
        assert file.read() == b"longer clip"
    assert store.sizes(id_) == {MediaKind.PICTURE: 10, MediaKind.CLIP: 11}
    assert store.exists(id_, MediaKind.PICTURE)
    assert not store.exists(id_, MediaKind.PHOTO)
    with pytest.raises(NotFound):
        store.open(id_, MediaKind.PHOTO)
    assert sorted(p.name for p in tmp_path.rglob("*.*")) == ["clip.mp4", "picture.jpg"]


BAD_IDS = [
    "../../etc/passwd",
    "a/b/c/d",
    "..",
    "",
    ".hidden",
    "abc\n",
    "a" * 200,
    "ab\0cd",
    "C:\\x",
]


@pytest.mark.parametrize("id_", BAD_IDS)
def test_an_id_is_never_a_path(tmp_path: Path, id_: str) -> None:
    store = MediaStore(tmp_path / "media")
    for act in (
        lambda: store.put(id_, MediaKind.PICTURE, b"x"),
        lambda: store.open(id_, MediaKind.PICTURE),
        lambda: store.exists(id_, MediaKind.PICTURE),
        lambda: store.remove(id_),
    ):
        with pytest.raises(Permanent) as caught:
            act()
        assert caught.value.code == "bad_media_id"
    assert list(tmp_path.iterdir()) == []


def test_unlinked_media_is_swept_after_a_day(tmp_path: Path, db: Database) -> None:
    store = MediaStore(tmp_path / "media")
    kept, lost, fresh = (f"{name}-{random_id()}" for name in ("kept", "lost", "fresh"))
    for id_ in (kept, lost, fresh):
        store.put(id_, MediaKind.PICTURE, b"x")
    now = 1_700_000_000.0
    for folder in (tmp_path / "media").glob("??/*"):
        age = 100.0 if folder.name == fresh else 86_500.0
        os.utime(folder, (now - age, now - age))
    with db.write() as tx:
        media.link(tx, [(kept, "alert:1")], now)
        media.link(tx, [(kept, "alert:2")], now)
        assert store.sweep(lambda ids: media.linked(tx, ids), now) == [lost]
    assert store.exists(kept, MediaKind.PICTURE)
    assert store.exists(fresh, MediaKind.PICTURE)
    assert not store.exists(lost, MediaKind.PICTURE)


def test_a_disk_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file stands where the folder should be")
    with pytest.raises(Retryable) as caught:
        MediaStore(tmp_path / "media").put(random_id(), MediaKind.PICTURE, b"x")
    assert caught.value.code == "media_failed"
