"""Articles as engines remember them: who turned a page may turn back."""

from __future__ import annotations

import dataclasses

from index.document import StoredDocument


@dataclasses.dataclass(frozen=True, slots=True)
class CachedArticle:
    """An article that was shown lately, and may be again."""

    article: StoredDocument

    @property
    def nbytes(self) -> int:
        """Bytes of memory: two a letter, sixteen a token, and what else there is of an article."""
        document = self.article.document
        tokens = sum(len(offsets.starts) for offsets in self.article.offsets.values())
        return 2 * (len(document.text) + len(document.title)) + 16 * tokens + 2_000
