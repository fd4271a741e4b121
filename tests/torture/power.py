"""A file system whose power can be cut: ext4 on a loop device, shut down so that everything not synced is lost.

The kernel's ioctl for this (`EXT4_IOC_SHUTDOWN` without flushing the journal; "godown" in xfstests) drops all unwritten
data in memory, like a machine that loses power; mounting again replays the journal.
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
"""No periodic commit of the journal, and no implicit flush when a program renames a file without fsync."""


class Refused(Exception):  # noqa: N818 - a reason to skip, not an error
    """This machine does not allow such a file system; the text says why."""


class Disk:
    """An ext4 file system in a file, mounted at `root` between `mount` and `cut`."""

    def __init__(self, folder: Path) -> None:
        """Create the file system and mount it.

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
        """Mount the file system; after a cut this replays the journal."""
        _run("mount", "-o", _OPTIONS, str(self._image), str(self.root))
        self._mounted = True

    def write_back(self) -> None:
        """Sync an unrelated file, which writes the journal too: the names of other files, but not their content."""
        with (self.root / "unrelated").open("wb") as file:
            file.write(os.urandom(100))
            file.flush()
            os.fsync(file.fileno())

    def cut(self) -> None:
        """Cut the power: from now on every operation fails, and everything not synced is lost."""
        cut(self.root)

    def unmount(self) -> None:
        """Unmount the file system; all processes that use it must have ended."""
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
