"""The second try: if nothing matches, words that no article has are replaced by similarly spelled ones."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re

from index.analysis.arabic.letters import ARABIC_LETTERS, ARABIC_MARKS
from search.engine import EngineRequest, Listing, Searcher
from search.language.trees import loose_words, with_soft
from search.parser import ParsedQuery
from search.results import Note, NoteKind
from search.similarity import LONGEST, nearest

SHORTEST = 3
"""Minimum number of letters of a misspelled word: a word of two letters is similar to half of the dictionary."""
SHORTEST_LATIN = 6
"""The same for words of other scripts: short ones are names and abbreviations, and FIFA is not FAFA."""
MOST_WORDS = 3
"""Maximum number of unknown words for which similar ones are searched; each costs a pass over the dictionary."""
_DIGIT = re.compile(r"\d")
_FOREIGN_LETTER = re.compile(f"[^\\W\\d_{ARABIC_LETTERS}{ARABIC_MARKS}]")


def second_try(searcher: Searcher, parsed: ParsedQuery) -> ParsedQuery | None:
    """Return the query in which unknown words also match similarly spelled ones, with a note that reports them.

    None if every word occurs in some article, so that only their combination has no match.
    """
    missing = (
        (term.word, term.text)
        for term in loose_words(parsed.query)
        if may_be_misspelled(term.text) and not searcher.search(EngineRequest(Listing(term), limit=0)).total
    )
    unknown = dict(itertools.islice(missing, MOST_WORDS))
    if not unknown:
        return None

    @functools.cache  # the words of `query` are those of `partial`
    def spelled_like(word: str) -> list[tuple[str, float]]:
        return nearest(word, searcher.stems_like(word)) if 0 < len(word) <= LONGEST else []

    return dataclasses.replace(
        parsed,
        query=with_soft(parsed.query, unknown, spelled_like),
        partial=None if parsed.partial is None else with_soft(parsed.partial, unknown, spelled_like),
        notes=(*parsed.notes, Note(NoteKind.CLOSE_SPELLING, " ".join(dict.fromkeys(unknown.values())))),
    )


def may_be_misspelled(word: str) -> bool:
    """Return whether similar spellings of a word are searched: not of numbers, whose neighbours are other numbers."""
    if len(word) < SHORTEST or _DIGIT.search(word):
        return False
    return not 0 < len(_FOREIGN_LETTER.findall(word)) < SHORTEST_LATIN
