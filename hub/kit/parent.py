"""A child process that ends when its parent does."""

from __future__ import annotations

import ctypes
import signal

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the thread that started this process is gone (Linux only)."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
