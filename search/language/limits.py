"""Limits of a query: they keep the tree of any text small, and with it the cost of the search.

A note reports what a limit leaves out. `search/request.py` limits the length of the text.
"""

from __future__ import annotations

MAX_WORDS = 32
"""Content words of a query that are searched: bounds the cost of a hostile query."""

MAX_STOP_WORDS = 32
"""Stop words in quotes or with `=` that are searched, beside the content words. A longer sentence in quotes is found by
the others too."""

MAX_FILTERS = 32
"""Facet values and dates of a query; each costs the engine a pass over all documents."""

MAX_NESTING = 8
"""Depth of nested parentheses: bounds the recursion here and in every engine. People rarely type more than three."""

MAX_NOTES = 16
"""Notes of one query; further ones are dropped, and the query is searched all the same."""

MAX_DATE_WORDS = 4
"""Words of a date without quotes («التاريخ:12 كانون الثاني 2025»)."""

MAX_ROOT_LETTERS = 4
"""Letters of a root that is typed letter by letter («جذر:ك ت ب»): Arabic has roots of three and of four letters."""

MAX_SLOP = 100
"""Other words among the words of a `Near`: about two paragraphs of news (nine of ten paragraphs in 10,161 Tunisian
articles have 46 words or fewer). At a greater distance the words are unrelated."""

MAX_TIMES = 999
"""Number of occurrences in «3×كلمة»; no article of ordinary length has a word a thousand times."""

MIN_PREFIX_LETTERS = 2
"""Letters before the star, without the definite article and the particles before it. Of 43,495 frequent word forms (the
counts of the analyzer), 9,356 begin with ال, 2,197 with الم, and 237 with المت."""

MAX_PREFIXES = 4
"""Prefixes of one query; each may match thousands of words (2,920 of the forms above begin with وا)."""
