"""A Judhur folder as a read-only `whoosh` index, for users of Whoosh: docs/how-to/use-whoosh.md.

`open_whoosh_index` is the entry point; Judhur's own read path (search/engines/embedded) reads the same arrays without
this package. Layers: opening → codec (segment, reader) → terms and documents → tokens, values, vectors → view.
"""

from __future__ import annotations

from search.engines.whoosh_reader.opening import ArticleIndex, open_whoosh_index
from search.engines.whoosh_reader.parsing import query_parser

__all__ = ["ArticleIndex", "open_whoosh_index", "query_parser"]
