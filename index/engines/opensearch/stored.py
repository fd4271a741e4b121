"""The stored form of an article on the cluster: its row, the version of that row, and the offsets of its tokens."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from index.archive.migrations import FIRST_COLUMNS, Row, newest_version, steps_from
from index.archive.rows import RowDamagedError, document_of, row_of
from index.document import Document, TokenOffsets
from index.errors import IndexNewerError
from index.schema import Section

ROW = ["article.version", "article.row"]
"""The parts of a document on the cluster that `article_of` needs."""

_Offsets = npt.NDArray[np.int64]


def stored_article(document: Document, offsets: Mapping[Section, tuple[_Offsets, _Offsets]]) -> dict[str, Any]:
    """Return the value of `article` in a document on the cluster; `offsets` are starts and ends in code points."""
    return {
        "version": newest_version(),
        "row": row_of(document),
        "offsets": [packed_offsets(*offsets[section]) for section in Section],
    }


def article_of(source: Mapping[str, Any]) -> Document:
    """Return the article of a document on the cluster, of any version of `index.archive.migrations` up to the newest.

    Version 1 stored a list of values, without their columns and without a version.

    Raises:
        IndexNewerError: a newer Judhur wrote it.
        RowDamagedError: the row cannot be decoded.
    """
    newest = newest_version()
    try:
        version, row = _versioned(source["article"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise RowDamagedError(source.get("id"), str(error)) from error
    if version > newest:
        raise IndexNewerError(
            f"a newer Judhur wrote an article, in version {version}, and this one reads up to version {newest}; use "
            "the newer one"
        )
    return document_of(row, None if version == newest else version)


def _versioned(article: Mapping[str, Any]) -> tuple[int, Row]:
    """Return the version of a row and the row."""
    version, row = article.get("version", 1), article["row"]
    if type(version) is not int or version < 1:
        raise ValueError(f"there is no version {version!r}")
    return version, dict(zip(FIRST_COLUMNS, row, strict=True)) if version == 1 else row


def has_hash_of(source: Mapping[str, Any], document: Document) -> bool:
    """Return whether the hash of a document on the cluster is that of its article, or cannot be compared with it."""
    version, _ = _versioned(source["article"])
    return any(step.hashes for step in steps_from(version)) or bool(source["hash"] == document.content_hash())


def offsets_of(source: Mapping[str, Any]) -> dict[Section, TokenOffsets]:
    """Return the offsets of the tokens of a document on the cluster."""
    return {
        section: unpacked_offsets(packed) for section, packed in zip(Section, source["article"]["offsets"], strict=True)
    }


def packed_offsets(starts: _Offsets, ends: _Offsets) -> str:
    """Return the offsets of tokens, both of shape (tokens,), as text: gaps and lengths, `<u4`, compressed, base64."""
    columns = np.stack([np.diff(starts, prepend=0), ends - starts]).astype("<u4")
    return base64.b64encode(zlib.compress(columns.tobytes(), 1)).decode()


def unpacked_offsets(packed: str) -> TokenOffsets:
    """Return the offsets for the result of `packed_offsets`."""
    gaps, lengths = np.frombuffer(zlib.decompress(base64.b64decode(packed)), "<u4").reshape(2, -1).astype(np.int64)
    starts = np.cumsum(gaps)
    return TokenOffsets(starts, starts + lengths)
