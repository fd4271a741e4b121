"""The bounds of a query: they keep the tree of any text small, and with it the cost of the search.

What a bound refuses is told by a note. The length of the text is bounded in `search/request.py`.
"""

from __future__ import annotations

MAX_WORDS = 32
"""Content words of a query that are searched: keeps the cost of a hostile query bounded."""

MAX_FILTERS = 32
"""Values and dates of a query; each costs the engine a pass over all documents."""

MAX_NESTING = 8
"""Parentheses within parentheses that are read: bounds the recursion here and in every engine. Nobody types more than
three; machines write more only by mistake."""

MAX_NOTES = 16
"""Notes of one query; more are read by nobody. The rest of the query is searched all the same."""

MAX_DATE_WORDS = 4
"""Words that a date may have without quotes («التاريخ:12 كانون الثاني 2025»)."""

MAX_ROOT_LETTERS = 4
"""Letters of a root, typed one by one («جذر:ك ت ب»): Arabic has roots of three and of four."""

MAX_SLOP = 100
"""Other words that may stand among words that are sought near each other: two paragraphs of news (a paragraph of
10,161 Tunisian articles has 46 words or fewer in nine of ten). Farther apart, nearness says nothing."""

MAX_TIMES = 999
"""The count of «3×كلمة»; no article of ordinary length has a word a thousand times."""

MIN_PREFIX_LETTERS = 2
"""Letters before the star, the article and its particles aside. Of 43,495 frequent word forms (the counts of the
analyzer), 9,356 begin with ال, 2,197 with الم, and 237 with المت."""

MAX_PREFIXES = 4
"""Prefixes of one query; each may stand for thousands of words (2,920 of the forms above begin with وا)."""
