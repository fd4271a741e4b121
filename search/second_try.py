"""The second try: if nothing matches, words that no article has are replaced.

A word that is two words without the space between them becomes the phrase of the two (مجلسالأمن). Other words also
match similarly spelled ones.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re

from index.analysis.arabic.letters import ARABIC_LETTERS, ARABIC_MARKS
from index.schema import Level, TokenField
from search.engine import EngineRequest, Listing, Searcher
from search.language.trees import loose_words, with_phrases, with_soft
from search.parser import ParsedQuery
from search.query import Alternative, Node, Phrase, Term
from search.results import Note, NoteKind
from search.similarity import LONGEST, nearest

SHORTEST = 3
"""Minimum number of letters of a misspelled word: a word of two letters is similar to half of the dictionary."""
SHORTEST_LATIN = 6
"""The same for words of other scripts: short ones are names and abbreviations, and FIFA is not FAFA."""
SHORTEST_PART = 2
"""Minimum number of letters of each of two words that were written as one."""
MOST_WORDS = 3
"""Maximum number of unknown words for which others are searched; each costs a pass over the dictionary."""
_DIGIT = re.compile(r"\d")
_FOREIGN_LETTER = re.compile(f"[^\\W\\d_{ARABIC_LETTERS}{ARABIC_MARKS}]")


def second_try(searcher: Searcher, parsed: ParsedQuery) -> ParsedQuery | None:
    """Return the query in which unknown words are two words, or also match similar ones, with a note that reports them.

    None if every word occurs in some article, so that only their combination has no match.
    """
    missing = (
        (term.word, term)
        for term in loose_words(parsed.query)
        if may_be_misspelled(term.text) and not searcher.search(EngineRequest(Listing(term), limit=0)).total
    )
    unknown = dict(itertools.islice(missing, MOST_WORDS))
    if not unknown:
        return None
    divided = {
        number: phrase
        for number, term in unknown.items()
        if (phrase := _divided(searcher, term, parsed.words[number].surface))
    }
    misspelled = unknown.keys() - divided.keys()

    @functools.cache  # the words of `query` are those of `partial`
    def spelled_like(word: str) -> list[tuple[str, float]]:
        return nearest(word, searcher.stems_like(word)) if 0 < len(word) <= LONGEST else []

    def replaced(node: Node) -> Node:
        return with_soft(with_phrases(node, divided), misspelled, spelled_like)

    texts = dict.fromkeys(term.text for term in unknown.values())
    return dataclasses.replace(
        parsed,
        query=replaced(parsed.query),
        partial=None if parsed.partial is None else replaced(parsed.partial),
        notes=(*parsed.notes, Note(NoteKind.CLOSE_SPELLING, " ".join(texts))),
    )


def may_be_misspelled(word: str) -> bool:
    """Return whether similar spellings of a word are searched: not of numbers, whose neighbours are other numbers."""
    if len(word) < SHORTEST or _DIGIT.search(word):
        return False
    return not 0 < len(_FOREIGN_LETTER.findall(word)) < SHORTEST_LATIN


def _divided(searcher: Searcher, term: Term, letters: str) -> Phrase | None:
    """Return the phrase of two words that are written as one in the query: the one that most articles have, or None."""
    loose = any(alternative.field is TokenField.CLITIC for alternative in term.alternatives)
    if not loose or len(letters) > LONGEST:
        return None
    best, most = None, 0
    for length in range(SHORTEST_PART, len(letters) - SHORTEST_PART + 1):
        phrase = Phrase((_exactly(term, letters[:length]), _exactly(term, letters[length:])), (0, 1))
        total = searcher.search(EngineRequest(Listing(phrase), limit=0)).total
        if total > most:
            best, most = phrase, total
    return best


def _exactly(term: Term, surface: str) -> Term:
    """Return a term for some letters, folded, in the place of `term`."""
    exact = Alternative(Level.EXACT, TokenField.SURFACE, surface, 1.0)
    return dataclasses.replace(term, text=surface, alternatives=(exact,))
