"""Packing for files that have checksums."""

from __future__ import annotations

import gzip
import io


def packed(content: bytes) -> bytes:
    """Return `content` as a gzip file without a name and a time: the same bytes for the same content."""
    target = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=target, mode="wb", compresslevel=9, mtime=0) as archive:
        archive.write(content)
    return target.getvalue()
