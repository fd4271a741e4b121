"""Whoosh's query parser, with phrases that match this index.

Stop words have no postings but count as positions, and a word may have several readings. Whoosh's own `Phrase` has one
term for each word and no gaps: `"القبض على قيادي"` would search for two adjacent words, which are never adjacent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from whoosh import qparser, query
from whoosh.fields import Schema
from whoosh.qparser.common import attach
from whoosh.query.spans import SpanNear2

from search.engines.whoosh_reader.analyzer import TokenFieldAnalyzer
from search.engines.whoosh_reader.schema import TOKEN_FIELDS

# ruff: noqa: ANN401, D102 - the signatures and their meaning are Whoosh's, whose classes are untyped


def query_parser(fieldname: str, schema: Schema, **options: Any) -> qparser.QueryParser:
    """Return a parser of Whoosh whose phrases count stop words and match every reading.

    Args:
        fieldname: the default field.
        schema: of the index (`index.schema`).
        options: of `whoosh.qparser.QueryParser`, except `plugins`.
    """
    parser = qparser.QueryParser(fieldname, schema, **options)
    parser.remove_plugin_class(qparser.PhrasePlugin)
    parser.add_plugin(TokenPhrasePlugin())
    return parser


def token_phrase(fieldname: str, text: str, *, slop: int = 1, boost: float = 1.0) -> query.Query | None:
    """Return the query for a phrase in a token field; None if it has only stop words.

    Args:
        fieldname: the token field.
        text: the phrase as typed.
        slop: as in Whoosh: 1 plus the number of additional positions allowed between consecutive words.
        boost: factor of the score.
    """
    phrase, previous = None, 0
    for position, word in _words(fieldname, text, boost):
        if phrase is None:
            phrase = word
        else:
            gap = position - previous
            phrase = SpanNear2([phrase, word], slop=gap + slop - 1, mindist=gap)
        previous = position
    return phrase


def _words(fieldname: str, text: str, boost: float) -> Iterator[tuple[int, query.Query]]:
    """Yield the position and the query of each content word that has terms in the field."""
    _, field = TOKEN_FIELDS[fieldname]
    tokens = TokenFieldAnalyzer(field)(text, mode="query", readings=True)
    for position, group in groupby(((token.pos, token.text) for token in tokens), key=itemgetter(0)):
        terms = [query.Term(fieldname, term, boost=boost) for _, term in group]
        yield position, terms[0] if len(terms) == 1 else query.Or(terms)


class TokenPhrasePlugin(qparser.PhrasePlugin):  # type: ignore[misc]  # Whoosh's classes are untyped
    """Phrases between double quotes: `token_phrase` in token fields, Whoosh's phrases in all others."""

    class PhraseNode(qparser.PhrasePlugin.PhraseNode):  # type: ignore[misc]
        """A phrase."""

        def query(self, parser: qparser.QueryParser) -> query.Query | None:
            fieldname = self.fieldname or parser.fieldname
            if fieldname not in TOKEN_FIELDS:
                return super().query(parser)
            phrase = token_phrase(fieldname, self.text, slop=self.slop, boost=self.boost)
            return attach(phrase, self)

    class PhraseTagger(qparser.PhrasePlugin.PhraseTagger):  # type: ignore[misc]
        """Finds phrases."""

        def create(self, parser: qparser.QueryParser, match: re.Match[str]) -> TokenPhrasePlugin.PhraseNode:
            del parser
            return TokenPhrasePlugin.PhraseNode(match["text"], match.start("text"), int(match["slop"] or 1))
