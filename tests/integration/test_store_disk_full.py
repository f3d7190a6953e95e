"""A disk that is really full: a file system of sixteen megabytes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.kit.clock import SimClock
from hub.kit.errors import Retryable
from hub.kit.ids import random_id
from hub.store.media import MediaKind, MediaStore
from hub.store.spool import RecordKind, Spool


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Sixteen megabytes of tmpfs; wants root and the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small file system cannot be mounted here: run as root, e.g. sudo make test")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_the_spool_stops_aloud_and_goes_on_without_a_gap(small_disk: Path, clock: SimClock) -> None:
    spool = Spool(small_disk / "spool.db", "worker-1", clock)
    body = {"text": "x" * 60_000}
    kept: list[int] = []

    def go_on() -> None:
        while True:
            kept.extend(spool.append(RecordKind.FINDING, [body]))

    with pytest.raises(Retryable) as caught:
        go_on()
    assert caught.value.code == "spool_full"
    assert len(kept) > 20
    assert [record.seq for record in spool.after(0, 10_000)] == kept
    assert spool.pending() == len(kept)
    spool.trim(kept[len(kept) // 2])  # the centre acknowledged half
    assert spool.append(RecordKind.FINDING, [body]) == [kept[-1] + 1]
    spool.close()
    again = Spool(small_disk / "spool.db", "worker-1", clock)
    assert again.set_aside is None
    assert again.last == kept[-1] + 1
    again.close()


def test_somebody_else_fills_the_disk_and_cleans_up_again(
    small_disk: Path, clock: SimClock
) -> None:
    spool = Spool(small_disk / "spool.db", "worker-1", clock)
    store = MediaStore(small_disk / "media")
    ids = []

    def fill() -> None:
        while True:
            ids.append(random_id())
            store.put(ids[-1], MediaKind.CLIP, b"x" * 300_000)

    with pytest.raises(Retryable) as caught:
        fill()
    assert caught.value.code == "media_full"
    assert not store.exists(ids[-1], MediaKind.CLIP)
    assert list(small_disk.rglob(".*")) == [], "no half-written file stays"
    with pytest.raises(Retryable) as caught:
        spool.append(RecordKind.FINDING, [{"text": "x" * 200_000}])
    assert caught.value.code == "spool_full"
    for id_ in ids:
        store.remove(id_)
    assert spool.append(RecordKind.FINDING, [{"text": "x" * 200_000}]) == [1]
    spool.close()
