"""How much memory the machine has, from which the bounds of caches follow."""

from __future__ import annotations

import os


def machine_memory() -> int:
    """Return the bytes of memory of the machine; 0 if the system does not report them."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 0


def share_of_memory(divisor: int, *, least: int, most: int) -> int:
    """Return the memory of the machine divided by `divisor`, in bytes, within the bounds."""
    return min(max(machine_memory() // divisor, least), most)
