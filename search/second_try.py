"""The second try: when nothing matches, words that no article has are sought where they are spelled alike."""

from __future__ import annotations

import dataclasses
import itertools

from search.engine import EngineRequest, Searcher
from search.language.trees import loose_words, with_soft
from search.parser import ParsedQuery
from search.results import Note, NoteKind

SHORTEST = 3
"""Letters of a word that may be misspelled; of two, half the dictionary is alike."""
MOST_WORDS = 3
"""Unknown words that are sought more widely; each costs a pass over the dictionary."""


def second_try(searcher: Searcher, parsed: ParsedQuery) -> ParsedQuery | None:
    """Return the query with its unknown words sought more widely, and a note that says so.

    None when every word is known: then it is their company that nothing matches.
    """
    missing = (
        (term.word, term.text)
        for term in loose_words(parsed.query)
        if len(term.text) >= SHORTEST and not searcher.search(EngineRequest(term, limit=0)).total
    )
    unknown = dict(itertools.islice(missing, MOST_WORDS))
    if not unknown:
        return None
    return dataclasses.replace(
        parsed,
        query=with_soft(parsed.query, unknown),
        further=None if parsed.further is None else with_soft(parsed.further, unknown),
        notes=(*parsed.notes, Note(NoteKind.CLOSE_SPELLING, " ".join(dict.fromkeys(unknown.values())))),
    )
