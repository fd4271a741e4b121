"""Makes the leaves of the tree: the nodes of each piece of a query, with words numbered in the order of the text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from index.analysis.analyzer import Analyzer
from index.analysis.tokens import AnalyzedText, Token, Word
from index.schema import LEAD_LENGTH, PUBLISHED, FacetField, Section
from search.expansion import EVERYWHERE, Expansion, Scope, as_written, of_terms
from search.language.fields import FILTERS, LEAD, ROOT
from search.language.lexemes import Lexeme, Piece
from search.language.limits import MAX_FILTERS, MAX_PREFIXES, MAX_SLOP, MAX_STOP_WORDS, MAX_WORDS
from search.language.notes import Notes
from search.language.prefixes import Star, star_of
from search.language.roots import roots_of, single_letter
from search.language.trees import Clauses, unique
from search.language.units import units
from search.language.values import Values
from search.query import AtLeast, Near, Node, Phrase, Prefix, Term
from search.results import NoteKind

_SCOPES = {Section.TITLE: Scope((Section.TITLE,)), LEAD: Scope((Section.BODY,), LEAD_LENGTH)}


class Leaves:
    """Makes the leaves of one query."""

    def __init__(self, analyzer: Analyzer, expansion: Expansion, values: Values, notes: Notes) -> None:
        self._analyzer = analyzer
        self._expansion = expansion
        self._values = values
        self._notes = notes
        self._texts: dict[str, AnalyzedText] = {}
        """Analyzed texts: each piece is analyzed to resolve operators, and again to make its node."""
        self._words: list[Word] = []
        self._prefixes = 0
        self._filters = 0
        self._stop_words: dict[str, int] = {}
        self._left_out: dict[NoteKind, list[str]] = {}

    @property
    def words(self) -> tuple[Word, ...]:
        """The words so far; the number of a term is its index here."""
        return tuple(self._words)

    def has_content(self, piece: Piece) -> bool:
        """Return whether a piece has anything to search: more than signs, and more than stop words without quotes."""
        if piece.field in FILTERS:
            return bool(piece.text.strip())
        if piece.field == ROOT:
            # a stop word has a root too
            return len(self._analyzed(piece.text)) > 0
        if not piece.quoted and star_of(piece.text, self._analyzer):
            return True
        analyzed = self._analyzed(piece.text)
        return len(analyzed) > 0 if _stop_words_count(piece) else any(not token.word.stop for token in units(analyzed))

    def drop_empty(self, lexemes: Iterable[Lexeme]) -> list[Lexeme]:
        """Return the lexemes without the pieces that have nothing to search; their stop words go into a note."""
        kept: list[Lexeme] = []
        for lexeme in lexemes:
            if not isinstance(lexeme, Piece) or lexeme.operator or self.has_content(lexeme):
                kept.append(lexeme)
            elif not lexeme.quoted:
                self._note_stop_words(lexeme)
        return kept

    def clauses(self, piece: Piece) -> Clauses:
        """Return the clauses of a piece, without regard to its sign."""
        if piece.field and piece.field in FILTERS:
            if self._filters >= MAX_FILTERS:
                self._leave_out(NoteKind.TOO_MANY_FILTERS, piece.text)
                return Clauses()
            if node := self._filter_node(piece, piece.field):
                # values in the parentheses of a field are alternatives, as in a facet; a single value is required
                return Clauses(optional=[node]) if piece.inherited else Clauses(required=[node])
        if piece.field == ROOT and (roots := self._root_nodes(piece)) is not None:
            return Clauses(required=roots)
        return self._word_clauses(piece)

    def add_notes(self) -> None:
        """Add the notes on stop words, and on everything that was left out because of a limit."""
        if self._stop_words:
            self._notes.add(NoteKind.STOP_WORDS, " ".join(sorted(self._stop_words, key=self._stop_words.__getitem__)))
        for kind, texts in self._left_out.items():
            self._notes.add(kind, " ".join(dict.fromkeys(texts)))

    def _filter_node(self, piece: Piece, field: str) -> Node | None:
        """Return the filter of a piece, or None if it is an unreadable date."""
        if field != PUBLISHED:
            self._filters += 1
            return self._values.having(FacetField(field), piece.text)
        dates = self._values.days(piece.text)
        if dates is None:
            self._notes.add(NoteKind.UNREADABLE_DATE, piece.text, piece.position)
        else:
            self._filters += 1
        return dates

    def _root_nodes(self, piece: Piece) -> list[Node] | None:
        """Return the nodes of the roots that a piece names, or None if it names none."""
        texts = [piece.text] if all(map(single_letter, piece.text.split())) else piece.text.split()
        roots = [(text, roots_of(text, self._analyzer)) for text in texts]
        if not all(terms for _, terms in roots):
            self._notes.add(NoteKind.NO_ROOT, piece.text, piece.position)
            return None
        nodes: list[Node] = []
        for text, terms in roots:
            word = Word(text, self._analyzer.fold(text), (), terms)
            if (number := self._add_word(word, text)) is not None:
                term = dataclasses.replace(of_terms(terms, text, number, EVERYWHERE), unlimited=True)
                nodes.append(AtLeast(term, piece.count) if piece.count else term)
        return nodes

    def _word_clauses(self, piece: Piece) -> Clauses:
        """Return the clauses of a piece that is searched as words."""
        scope = _SCOPES.get(piece.field or "", EVERYWHERE)
        star = None if piece.quoted else self._read_star(piece)
        if star and star.prefix:
            return self._prefix_clauses(piece, star, scope)
        tokens = [
            (token, number)
            for token in self._searched_tokens(piece)
            if (number := self._number_of_token(token)) is not None
        ]
        terms = [self._term(piece, token, number, scope) for token, number in tokens]
        if piece.quoted and len(terms) > 1:
            if piece.count:
                self._notes.add(NoteKind.UNREAD_SIGN, f"{piece.count}×", piece.position)
            phrase = self._phrase_or_near(piece, [token for token, _ in tokens], terms)
            return self._quoted_clauses(phrase, tokens) if scope == EVERYWHERE else Clauses(required=[phrase])
        if piece.count:
            return Clauses(required=[AtLeast(term, piece.count) for term in terms])
        if piece.quoted and not piece.written and scope == EVERYWHERE and terms:
            return self._quoted_clauses(terms[0], tokens)
        explicit = piece.quoted or piece.written or scope != EVERYWHERE
        return Clauses(required=[*terms]) if explicit else Clauses(optional=[*terms])

    def _quoted_clauses(self, node: Node, tokens: Iterable[tuple[Token, int]]) -> Clauses:
        """Return the clause of a piece in quotes, with its words as they would be searched without quotes."""
        words = [
            self._expansion.term(token.word, token.text, number, EVERYWHERE)
            for token, number in tokens
            if not token.word.stop
        ]
        return Clauses(quoted={node: [*words]})

    def _term(self, piece: Piece, token: Token, number: int, scope: Scope) -> Term:
        if piece.written:
            return as_written(token.word, token.text, number, scope)
        if piece.quoted:
            return self._expansion.quoted_term(token.word, token.text, number, scope)
        return self._expansion.term(token.word, token.text, number, scope)

    def _phrase_or_near(self, piece: Piece, tokens: Sequence[Token], terms: Sequence[Term]) -> Node:
        first = tokens[0].position
        if piece.slop is None:
            return Phrase(tuple(terms), tuple(token.position - first for token in tokens))
        if piece.slop > MAX_SLOP:
            self._notes.add(NoteKind.WIDE_WINDOW, str(MAX_SLOP), piece.position)
        # the slop counts none of the words in the quotes, so that the window holds them all
        length = tokens[-1].position - first + 1
        distinct = [term for term in unique(terms) if isinstance(term, Term)]
        if len(distinct) == 1:
            return distinct[0]
        return Near(tuple(distinct), min(piece.slop, MAX_SLOP) + length - len(distinct))

    def _read_star(self, piece: Piece) -> Star | None:
        star = star_of(piece.text, self._analyzer)
        if star is None:
            return None
        if piece.count or piece.written or star.misplaced:
            self._notes.add(NoteKind.UNREAD_SIGN, "*", piece.position)
            return None
        if not star.prefix:
            self._notes.add(NoteKind.SHORT_PREFIX, piece.text, piece.position)
        return star

    def _prefix_clauses(self, piece: Piece, star: Star, scope: Scope) -> Clauses:
        if self._prefixes >= MAX_PREFIXES:
            self._leave_out(NoteKind.TOO_MANY_PREFIXES, piece.text)
            return Clauses()
        number = self._add_word(Word(star.prefix, star.prefix, (), ()), piece.text)
        if number is None:
            return Clauses()
        self._prefixes += 1
        node = Prefix(star.prefix, number, scope.sections, scope.within)
        return Clauses(optional=[node]) if scope == EVERYWHERE else Clauses(required=[node])

    def _searched_tokens(self, piece: Piece) -> list[Token]:
        if _stop_words_count(piece):
            return [*units(self._analyzed(piece.text), stop_words=True)]
        self._note_stop_words(piece)
        return [token for token in units(self._analyzed(piece.text)) if not token.word.stop]

    def _analyzed(self, text: str) -> AnalyzedText:
        analyzed = self._texts.get(text)
        if analyzed is None:
            analyzed = self._texts[text] = self._analyzer.analyze(text)
        return analyzed

    def _note_stop_words(self, piece: Piece) -> None:
        for token in units(self._analyzed(piece.text)):
            if token.word.stop:
                self._stop_words.setdefault(token.text, piece.position)

    def _number_of_token(self, token: Token) -> int | None:
        return self._add_word(token.word, token.text)

    def _add_word(self, word: Word, text: str) -> int | None:
        """Add a word and return its number, or None if there are too many."""
        most = MAX_STOP_WORDS if word.stop else MAX_WORDS
        if sum(added.stop is word.stop for added in self._words) >= most:
            self._leave_out(NoteKind.TOO_MANY_WORDS, text)
            return None
        self._words.append(word)
        return len(self._words) - 1

    def _leave_out(self, kind: NoteKind, text: str) -> None:
        self._left_out.setdefault(kind, []).append(text)


def _stop_words_count(piece: Piece) -> bool:
    """Return whether a piece is searched with its stop words: it is in quotes, or `=` requires its letters."""
    return piece.quoted or piece.written
