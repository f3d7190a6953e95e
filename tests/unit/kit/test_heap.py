from __future__ import annotations

import gc
import platform
import weakref

import psutil
import pytest

from hub.kit.heap import TEND_S, give_back, settle, tend

MIB = 1 << 20
glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="wants glibc")


def _resident() -> int:
    return int(psutil.Process().memory_info().rss)


@glibc
def test_what_a_few_small_blocks_pin_is_given_back() -> None:
    # 48 KiB is under the size from which glibc takes and returns each block by itself.
    blocks = [b"\1" * (48 << 10) for _ in range(1500)]
    pins = blocks[::100] + blocks[-1:]
    full = _resident()
    blocks.clear()
    gc.collect()
    kept = _resident()
    assert give_back()
    assert full - kept < 10 * MIB, "nothing was pinned: the test shows nothing"
    assert kept - _resident() > 40 * MIB
    assert all(pin[0] == 1 for pin in pins)


def test_it_is_done_again_and_again() -> None:
    assert tend() == TEND_S


def test_what_is_there_when_it_settles_is_not_looked_at_again() -> None:
    class Knot:
        """Held by nothing but itself."""

        def __init__(self) -> None:
            self.own = self

    ended: list[str] = []
    early = Knot()
    weakref.finalize(early, ended.append, "early")
    try:
        settle()
        late = Knot()
        weakref.finalize(late, ended.append, "late")
        del early, late
        gc.collect()
        assert ended == ["late"]
    finally:
        gc.unfreeze()
    gc.collect()
    assert ended == ["late", "early"]
