"""How the process keeps house with its memory: settings of Python and of the C library, made once at the start."""

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

NEW_OBJECTS = 20_000
"""How many objects may be made before the collector looks for cycles, of which a round of the engine makes few."""

M_ARENA_MAX = -8
ARENAS = 2
"""Heaps of the C library. It gives each thread one of its own, up to eight a core, and what one freed another cannot use:
with a dozen threads that was a fifth of the process (mallopt(3))."""


def calm_the_collector() -> None:
    """Leave what was loaded at the start out of every collection: it is never free, and looking costs a fifth of the time."""
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])


@contextmanager
def uncollected() -> Iterator[None]:
    """For work that keeps nearly all it makes, and is soon done: looking for cycles in it is a fifth of its time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def share_heaps() -> None:
    """Have all threads share two heaps; where the C library is not glibc, nothing is changed."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)
