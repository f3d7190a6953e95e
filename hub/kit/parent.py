"""Child processes that end when their parent does."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from typing import Any

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def spawn_tied(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start `command`, which gets SIGTERM from the kernel when this process is gone (Linux only).

    It has a session of its own: a terminal's Ctrl-C reaches the parent alone. The kernel sends
    its signal when the *thread* that forked ends, so a thread forks that lives as long as its
    child; any thread may call this. `options` go to Popen. Raises OSError.
    """
    parent = os.getpid()

    def tie() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the call
            os._exit(1)

    born: list[subprocess.Popen[bytes] | OSError] = []
    ready = threading.Event()

    def keep() -> None:
        try:
            process = subprocess.Popen(  # noqa: S603 - the caller's own programs
                command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=tie, **options
            )
        except OSError as error:
            born.append(error)
            ready.set()
            return
        born.append(process)
        ready.set()
        process.wait()

    threading.Thread(target=keep, name="child-keeper", daemon=True).start()
    ready.wait()
    child = born[0]
    if isinstance(child, OSError):
        raise child
    return child
