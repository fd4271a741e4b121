"""Cache entry of a fetched article, so that going back a page needs no second fetch."""

from __future__ import annotations

import dataclasses

from index.document import StoredDocument


@dataclasses.dataclass(frozen=True, slots=True)
class CachedArticle:
    """A recently fetched article."""

    article: StoredDocument

    @property
    def nbytes(self) -> int:
        """Estimated size in bytes: two per character, sixteen per token, and a constant for the other fields."""
        document = self.article.document
        tokens = sum(len(offsets.starts) for offsets in self.article.offsets.values())
        return 2 * (len(document.text) + len(document.title)) + 16 * tokens + 2_000
