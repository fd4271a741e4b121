"""A view as a segment of Whoosh's, by its own extension points: segment, codec, reader."""

from __future__ import annotations

from whoosh.codec import base
from whoosh.fields import Schema
from whoosh.reading import SegmentReader

from search.engines.whoosh_reader.documents import ArticleDocuments
from search.engines.whoosh_reader.schema import DAY_FIELD, ID_FIELD, LABEL_FIELDS, MOMENT_FIELD, TOKEN_FIELDS
from search.engines.whoosh_reader.terms import ArticleTerms, FieldTerms
from search.engines.whoosh_reader.tokens import TokenTerms
from search.engines.whoosh_reader.values import IdTerms, LabelTerms, MomentTerms, days_of, moments_of
from search.engines.whoosh_reader.view import View

# ruff: noqa: D102 - the meaning of the methods is Whoosh's, whose classes are untyped


class ArticleSegment(base.Segment):  # type: ignore[misc]  # Whoosh's classes are untyped
    """All documents of a view as one segment, named after its generation; none of them is deleted."""

    def __init__(self, view: View) -> None:
        super().__init__("MAIN")
        self.segid = view.generation.commit_point.generation
        self.view = view
        self.labels = {name: LabelTerms(view, facet) for name, facet in LABEL_FIELDS.items()}
        self.timestamps = {
            MOMENT_FIELD: MomentTerms(lambda: moments_of(view)),
            DAY_FIELD: MomentTerms(lambda: days_of(view)),
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
    """Reads the segment of a view; nothing can be written by it."""

    def terms_reader(self, storage: None, segment: ArticleSegment) -> ArticleTerms:
        del storage
        view = segment.view
        tokens: dict[str, FieldTerms] = {name: TokenTerms(view, *place) for name, place in TOKEN_FIELDS.items()}
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
        """Release the files: what is asked from here on is answered by `ReaderClosed`.

        Closing twice does nothing: `with index.searcher() as searcher` closes what `refresh` has closed already.
        """
        if not self.is_closed:
            super().close()
            self._terms = self._perdoc = self._segment = self.view = None
