"""Memory that was freed goes back to the system; what stays is not looked at again and again."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from functools import cache

TEND_S = 30.0


def settle() -> None:
    """What is there now stays: Python's collector looks at it no more. Once, when all is built.

    An api process holds more than 200,000 objects before the first request (routes, schemas,
    models). Each full collection looked at all of them while nothing else could run: 0.1 to 0.2 s
    in which no wall got a picture (docs.python.org, gc.freeze).
    """
    gc.collect()
    gc.freeze()


def tend() -> float:
    """A step for kit.supervise: give back, and again in TEND_S."""
    give_back()
    return TEND_S


def give_back() -> bool:
    """Return all whole free pages of all heaps; False where the C library knows no such call.

    glibc keeps a heap for each of up to eight threads a core, and from the end of a heap alone
    does it give back by itself: a few bytes that stay pin tens of MiB of pictures and tensors
    below them. `malloc_trim` (man 3 malloc_trim) looks at all pages of all heaps, which takes some
    milliseconds; a thread that allocates meanwhile waits for one heap's turn at most.
    """
    trim = _malloc_trim()
    if trim is None:
        return False
    trim(0)
    return True


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    try:
        found = ctypes.CDLL(None).malloc_trim
    except AttributeError:
        return None
    found.argtypes, found.restype = [ctypes.c_size_t], ctypes.c_int
    return found
