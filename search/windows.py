"""Selects the matches of an article that a passage should show: different words of the query, close together."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from index.schema import CLOSENESS
from search.engine import MatchPosition

WINDOW_TOKENS = 30
"""Length of a window in tokens (about two lines)."""
MANY = 1_000
"""Number of matches of one article up to which all of them are examined; beyond that `representatives` selects some."""

_SPREAD_COST = 0.01
"""Cost of each token between the first and the last of the words; an additional word is worth 1."""
_LEVEL_COST = 0.05
"""Cost of each step down the ladder of levels, for each word."""
_DENSITY_GAIN, _MOST_GAIN = 0.01, 0.1
"""Score of each further match of the same words, and the maximum for all of them."""

_word = itemgetter(MatchPosition._fields.index("word"))


def best_window(matches: Sequence[MatchPosition]) -> tuple[int, int, int]:
    """Return the window with the highest score among `matches` (at least one); of equal ones the first.

    The score is the number of distinct words, minus costs for their distance and their levels, plus a gain for further
    matches of them.

    Returns:
        Three indices of `matches`: the first match in the window, the first one that is needed for its words, and the
        last one.
    """
    if len(matches) == 1:
        return 0, 0, 0
    latest: dict[int, tuple[int, int, int]] = {}  # word → position, index, cost of its latest match; oldest first
    best, most = (0, 0, 0), 0.0
    begin = cost = 0
    for index, (_, position, word, level, _) in enumerate(matches):
        if word in latest:
            cost -= latest.pop(word)[2]
        closeness = CLOSENESS[level]
        latest[word] = (position, index, closeness)
        cost += closeness
        edge = position - WINDOW_TOKENS
        oldest = next(iter(latest.values()))
        while oldest[0] <= edge:
            cost -= latest.pop(matches[oldest[1]][2])[2]
            oldest = next(iter(latest.values()))
        words = len(latest)
        if words + _MOST_GAIN <= most:
            continue  # even the maximum gain cannot make it the best
        while matches[begin][1] <= edge:
            begin += 1
        gain = min(_DENSITY_GAIN * (index - begin), _MOST_GAIN)
        score = words + gain - _SPREAD_COST * (position - oldest[0]) - _LEVEL_COST * cost
        if score > most:
            best, most = (begin, oldest[1], index), score
    return best


def representatives(matches: Sequence[MatchPosition]) -> Sequence[MatchPosition]:
    """Return a selection of at most about 2 * `MANY` matches, in order; all if there are no more than `MANY`.

    It has the first matches, and the matches around the first occurrences of each word, so that every word is in it.
    """
    if len(matches) <= MANY:
        return matches
    words = bytes(map(_word, matches))  # word numbers are small (`MAX_WORDS`), and a search in bytes is fast
    distinct = _distinct(words)
    chosen = set(range(MANY))
    occurrences = max(1, MANY // (len(distinct) * 2 * WINDOW_TOKENS))
    for word in distinct:
        index = -1
        for _ in range(occurrences):
            index = words.find(word, index + 1)
            if index < 0:
                break
            chosen.update(range(max(0, index - WINDOW_TOKENS), min(len(words), index + WINDOW_TOKENS + 1)))
    return [matches[index] for index in sorted(chosen)]


def _distinct(words: bytes) -> list[int]:
    """Return the distinct bytes; for a million bytes this is much faster than a set."""
    distinct = []
    while words:
        distinct.append(words[0])
        words = words.translate(None, words[:1])
    return distinct
