"""A view as a segment of Whoosh, through Whoosh's extension points: segment, codec, reader."""

from __future__ import annotations

from whoosh.codec import base
from whoosh.fields import Schema
from whoosh.reading import SegmentReader

from search.engines.whoosh_reader.documents import ArticleDocuments
from search.engines.whoosh_reader.schema import DAY_FIELD, ID_FIELD, LABEL_FIELDS, TIME_FIELD, TOKEN_FIELDS
from search.engines.whoosh_reader.terms import ArticleTerms, FieldTerms
from search.engines.whoosh_reader.tokens import TokenTerms
from search.engines.whoosh_reader.values import IdTerms, LabelTerms, TimestampTerms, days_of, times_of
from search.engines.whoosh_reader.view import View

# ruff: noqa: D102 - the meaning of the methods is Whoosh's, whose classes are untyped


class ArticleSegment(base.Segment):  # type: ignore[misc]  # Whoosh's classes are untyped
    """All documents of a view as one segment without deletions, named after its generation."""

    def __init__(self, view: View) -> None:
        super().__init__("MAIN")
        self.segid = view.generation.commit_point.generation
        self.view = view
        self.labels = {name: LabelTerms(view, facet) for name, facet in LABEL_FIELDS.items()}
        self.timestamps = {
            TIME_FIELD: TimestampTerms(lambda: times_of(view)),
            DAY_FIELD: TimestampTerms(lambda: days_of(view)),
        }

    def codec(self) -> ArticleCodec:
        return ArticleCodec()

    def doc_count_all(self) -> int:
        return self.view.documents

    def deleted_count(self) -> int:
        return 0

    def deleted_docs(self) -> set[int]:
        return set()

    def is_deleted(self, docnum: int) -> bool:
        del docnum
        return False


class ArticleCodec(base.Codec):  # type: ignore[misc]
    """A read-only codec for the segment of a view."""

    def terms_reader(self, storage: None, segment: ArticleSegment) -> ArticleTerms:
        del storage
        view = segment.view
        tokens: dict[str, FieldTerms] = {name: TokenTerms(view, *field) for name, field in TOKEN_FIELDS.items()}
        return ArticleTerms(view, {ID_FIELD: IdTerms(view), **tokens, **segment.labels, **segment.timestamps})

    def per_document_reader(self, storage: None, segment: ArticleSegment) -> ArticleDocuments:
        del storage
        return ArticleDocuments(segment.view, {**segment.labels, **segment.timestamps})


class ArticleReader(SegmentReader):  # type: ignore[misc]
    """Whoosh's reader of a view."""

    def __init__(self, schema: Schema, view: View) -> None:
        super().__init__(None, schema, ArticleSegment(view), generation=view.generation.commit_point.generation)
        self.view: View | None = view

    def close(self) -> None:
        """Release the files; later calls raise `ReaderClosed`.

        Closing twice has no effect: `with index.searcher() as searcher` closes a reader that `refresh` has closed.
        """
        if not self.is_closed:
            super().close()
            self._terms = self._perdoc = self._segment = self.view = None
