"""Reproducible compression, for files with checksums."""

from __future__ import annotations

import gzip
import io


def packed(content: bytes) -> bytes:
    """Return `content` as gzip without file name and time, so that equal content gives equal bytes."""
    target = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=target, mode="wb", compresslevel=9, mtime=0) as archive:
        archive.write(content)
    return target.getvalue()
