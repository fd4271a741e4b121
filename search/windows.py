"""Which matches of an article a passage should show: those of different words that stand close together."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from index.schema import CLOSENESS
from search.engine import MatchPosition

WINDOW_TOKENS = 30
"""Tokens within which words of the query count as standing together (about two lines)."""
MANY = 1_000
"""Matches of one article that are all looked at; of more than that, those that `representatives` chooses."""

_SPREAD_COST = 0.01
"""Price of each token between the first and the last of the words; a further word is worth 1."""
_LEVEL_COST = 0.05
"""Price of each step down the ladder, for each word."""
_DENSITY_GAIN, _MOST_GAIN = 0.01, 0.1
"""What further matches of the same words add to the worth of a window, each and at most."""

_word = itemgetter(MatchPosition._fields.index("word"))


def best_window(matches: Sequence[MatchPosition]) -> tuple[int, int, int]:
    """Return the window of `matches` (one at least) that is worth most, the first one of equals.

    Worth are the distinct words of the query, then how close they stand, how closely they were found, and how often.

    Returns:
        Where among the matches the window begins, where its words begin to stand together, and its last match.
    """
    if len(matches) == 1:
        return 0, 0, 0
    latest: dict[int, tuple[int, int, int]] = {}  # word → position, place and cost, the word seen longest ago first
    best, most = (0, 0, 0), 0.0
    begin = cost = 0
    for place, (_, position, word, level) in enumerate(matches):
        if word in latest:
            cost -= latest.pop(word)[2]
        closeness = CLOSENESS[level]
        latest[word] = (position, place, closeness)
        cost += closeness
        edge = position - WINDOW_TOKENS
        oldest = next(iter(latest.values()))
        while oldest[0] <= edge:
            cost -= latest.pop(matches[oldest[1]][2])[2]
            oldest = next(iter(latest.values()))
        words = len(latest)
        if words + _MOST_GAIN <= most:
            continue  # whatever its other merits
        while matches[begin][1] <= edge:
            begin += 1
        gain = min(_DENSITY_GAIN * (place - begin), _MOST_GAIN)
        worth = words + gain - _SPREAD_COST * (position - oldest[0]) - _LEVEL_COST * cost
        if worth > most:
            best, most = (begin, oldest[1], place), worth
    return best


def representatives(matches: Sequence[MatchPosition]) -> Sequence[MatchPosition]:
    """Return at most about two times `MANY` matches in their order, all of them when there are no more than `MANY`.

    They are the first ones, and the neighbourhoods of the first occurrences of each word: however rare a word is, and
    however late it comes, it is among them.
    """
    if len(matches) <= MANY:
        return matches
    words = bytes(map(_word, matches))  # a query has few words; a search in bytes costs next to nothing
    kinds = _kinds(words)
    chosen = set(range(MANY))
    share = max(1, MANY // (len(kinds) * 2 * WINDOW_TOKENS))
    for kind in kinds:
        place = -1
        for _ in range(share):
            place = words.find(kind, place + 1)
            if place < 0:
                break
            chosen.update(range(max(0, place - WINDOW_TOKENS), min(len(words), place + WINDOW_TOKENS + 1)))
    return [matches[place] for place in sorted(chosen)]


def _kinds(words: bytes) -> list[int]:
    """Return the distinct bytes; of a million, in a fraction of the time that a set takes."""
    kinds = []
    while words:
        kinds.append(words[0])
        words = words.translate(None, words[:1])
    return kinds
