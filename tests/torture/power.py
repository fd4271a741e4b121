"""A file system whose power can be cut: ext4 on a loop device, shut down so that all that was not synced is gone.

The kernel's own switch for this (`EXT4_IOC_SHUTDOWN` without flushing the journal; the xfstests call it "godown") drops
what lies in memory, like a machine that loses power; mounting again replays the journal.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
from pathlib import Path

_SHUTDOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN, _IOR('X', 125, __u32), of linux/fs/ext4/ext4.h."""

_WITHOUT_FLUSHING = 2
"""EXT4_GOING_FLAGS_NOLOGFLUSH."""

_OPTIONS = "loop,noatime,commit=300,noauto_da_alloc"
"""No commit of the journal by the clock, and none of ext4's kindness to programs that rename without fsync."""


class Refused(Exception):  # noqa: N818 - said to the reader of a skipped test
    """This machine allows no such file system."""


class Disk:
    """An ext4 file system in a file, mounted at `root` between `mount` and `cut`."""

    def __init__(self, folder: Path) -> None:
        """Make the file system.

        Raises:
            Refused: a tool is missing, or the user may not mount.
        """
        for tool in ("mkfs.ext4", "mount", "umount"):
            if shutil.which(tool) is None:
                raise Refused(f"there is no {tool}")
        self.root = folder / "disk"
        self.root.mkdir()
        self._image = folder / "image"
        with self._image.open("wb") as image:
            image.truncate(48 << 20)
        _run("mkfs.ext4", "-q", "-F", str(self._image))
        self._mounted = False
        self.mount()

    def mount(self) -> None:
        """Mount it; after a cut this replays the journal."""
        _run("mount", "-o", _OPTIONS, str(self._image), str(self.root))
        self._mounted = True

    def write_back(self) -> None:
        """Sync a file of our own, with which the journal goes to disk: names of others, but none of their bytes."""
        with (self.root / "unrelated").open("wb") as file:
            file.write(os.urandom(100))
            file.flush()
            os.fsync(file.fileno())

    def cut(self) -> None:
        """Cut the power: from here on every operation fails, and what was not synced is lost."""
        cut(self.root)

    def unmount(self) -> None:
        """Take it down; every process that uses it must have ended."""
        if self._mounted:
            _run("umount", str(self.root))
            self._mounted = False


def cut(root: Path) -> None:
    """Cut the power of the file system mounted at `root`."""
    descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("I", _WITHOUT_FLUSHING))
    finally:
        os.close(descriptor)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")
