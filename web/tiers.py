"""The tiers of a result's list with their numbers, for the page and the terminal."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import NamedTuple

from index.schema import LADDER, Level
from search.levels import Tier, tiers
from search.results import SearchResult
from web import labels
from web.config import Digits
from web.counting import ARTICLES, number

_OF_THE_WORD = {
    Tier.CLITIC: "معها أل أو حروف أو ضمائر",
    Tier.LEMMA: "من تصريفاتها",
    Tier.FAMILY: "من عائلتها",
    Tier.ROOT: "من جذرها",
}


class TierCount(NamedTuple):
    """The number of documents of one tier."""

    tier: Tier
    documents: int
    level: Level | None
    """The `match=` that counts it too; None for the documents with some of the words."""
    total: int
    """The number of matches with that `match=`; 0 without one."""


def tier_counts(result: SearchResult) -> list[TierCount]:
    """Return the tiers after the matches that are not empty, in the order of the list.

    Where a wider level excludes documents that a closer one counts, the tiers between are not known one by one: then
    only that of the documents with some of the words is returned.
    """
    counts = dict(zip(LADDER, result.levels, strict=True))
    wider = [Level(tier) for tier in tiers(result.request.match)[1:-1]]
    steps = itertools.pairwise([result.request.match, *wider])
    found = [TierCount(Tier(level), counts[level] - counts[before], level, counts[level]) for before, level in steps]
    if sum(tier.documents for tier in found) != result.further - result.partial:
        found = []
    found.append(TierCount(Tier.PARTIAL, result.partial, None, 0))
    return [tier for tier in found if tier.documents > 0]


def borders(result: SearchResult, counts: Iterable[TierCount], digits: Digits) -> list[str]:
    """Return for each hit the heading above it, with the number of the tier that begins there; else an empty text.

    Tiers that the score mixes have no borders. A page that begins within a tier has its heading too.
    """
    if not result.tiered:
        return [""] * len(result.hits)
    numbers = {count.tier: f" · {ARTICLES.phrase(count.documents, digits)}" for count in counts}
    listed = [hit.match.tier for hit in result.hits]
    return [
        "" if tier in (before, Tier.MATCH) else f"{labels.TIERS[tier]}{numbers.get(tier, '')}"
        for before, tier in zip([Tier.MATCH, *listed], listed, strict=False)
    ]


def nothing_counted(result: SearchResult, counts: Iterable[TierCount]) -> str:
    """Return in Arabic that no article is counted, and what is listed instead; empty if nothing is listed."""
    if not result.hits:
        return ""
    found = [count.tier for count in counts]
    if result.tiered:
        what = "الكلمة" if len(result.words) == 1 else "العبارة"
        ways = " و".join(_OF_THE_WORD[tier] for tier in found if tier in _OF_THE_WORD)
        return f"لا مقال فيه {what}؛ هذه {ways or 'مقالات تقاربها'}."
    if found == [Tier.PARTIAL]:
        return "لا مقال فيه كل كلماتك؛ هذه مقالات فيها بعضها."
    some = " أو بعضها" if Tier.PARTIAL in found else ""
    return f"لا مقال فيه كل كلماتك؛ هذه مقالات فيها ما يقاربها{some}."


def end_of_paging(result: SearchResult, digits: Digits) -> str:
    """Return in Arabic that the list goes on after the last result that paging reaches."""
    shown = number(result.reachable, digits)
    return f"تُعرض أول {shown} نتيجة؛ ضيّق البحث بمرشّح أو تاريخ لترى ما بعدها."
