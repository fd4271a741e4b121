"""The Arabic texts of page and API: names of facets, levels, bases and notes, and the names of sources."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

from index.document import Basis
from index.schema import PUBLISHED as PUBLISHED_FIELD
from index.schema import UNKNOWN_VALUE, FacetField, Level
from search.language.fields import label_of
from search.levels import Tier
from search.request import Sort
from search.results import Match, Note, NoteKind
from web.config import SourceNames
from web.shortening import shortened

UNKNOWN = "غير معروف"
UNKNOWN_DATE = "تاريخ غير معروف"
PUBLISHED = label_of(PUBLISHED_FIELD)
FORMS = "الصيغ التي طابقت"
FORM = "الصيغة"
ROOT = "الجذر"
LIST = "القائمة"
ALONE = "النتائج وحدها"
"""A list without the tiers."""

# read here, not when a page is made: a facet without a label fails when the server starts
FACETS: Mapping[FacetField, str] = {facet: label_of(facet) for facet in FacetField}

LEVELS: Mapping[Level, str] = {
    Level.EXACT: "الكلمة نفسها",
    Level.CLITIC: "مع أل والحروف والضمائر",
    Level.LEMMA: "تصريف آخر",
    Level.FAMILY: "من العائلة نفسها",
    Level.ROOT: "من الجذر نفسه",
    Level.SPELLING: "كتابة أخرى",
    Level.SOFT: "كتابة قريبة",
}

FOLDED = "الكلمة نفسها برسم آخر"
"""How a form matches that has other letters than the word as typed, and the same ones after folding."""

UP_TO: Mapping[Level, tuple[str, str]] = {
    Level.EXACT: ("", "الكلمة نفسها"),
    Level.CLITIC: ("حتى", "مع أل والحروف والضمائر"),
    Level.LEMMA: ("حتى", "التصريفات"),
    Level.FAMILY: ("حتى", "العائلة"),
    Level.ROOT: ("حتى", "الجذر"),
}
"""The values of `match=`: each counts those before it too. The first word stands aside where there is no room."""

TIERS: Mapping[Tier, str] = {
    Tier.MATCH: "",
    Tier.CLITIC: "مع أل والحروف والضمائر",
    Tier.LEMMA: "من التصريفات",
    Tier.FAMILY: "من العائلة",
    Tier.ROOT: "من الجذر",
    Tier.PARTIAL: "بعض الكلمات",
}
"""The labels of the tiers on cards; a match has none."""

SORTS: Mapping[Sort, str] = {
    Sort.RELEVANCE: "الأقرب",
    Sort.NEWEST: "الأحدث",
    Sort.OLDEST: "الأقدم",
}

RECENCY = "الأقرب مع ترجيح الأحدث"
"""Label of the order by relevance with a boost for newer articles."""

BASES: Mapping[Basis, str] = {
    Basis.GIVEN: "كما ورد مع المقال",
    Basis.STATED: "مذكور في النص",
    Basis.INFERRED: "مستنتج",
}

_NOTES: Mapping[NoteKind, str] = {
    NoteKind.STOP_WORDS: "كلمات شائعة جدا لم نبحث عنها: «{}». ضعها بين علامتي تنصيص ليُبحث عنها.",
    NoteKind.UNKNOWN_FIELD: "لا نعرف حقلا اسمه «{}»، فبحثنا عنه ككلمة عادية.",
    NoteKind.SPACED_FIELD: "بحثنا عن «{0}» ككلمة عادية. إن أردت حقل «{0}» فاكتبه والقيمة بلا مسافات: «{0}:القيمة».",
    NoteKind.UNKNOWN_VALUE: "لا مقال فيه القيمة «{}»؛ راجع كتابتها.",
    NoteKind.UNREADABLE_DATE: "لم نفهم التاريخ «{}»، فبحثنا عنه ككلمة عادية.",
    NoteKind.UNCLOSED_QUOTE: "علامة التنصيص لم تُغلق، فعددناها مغلقة في آخر البحث.",
    NoteKind.UNBALANCED_PARENTHESIS: "القوس «{}» لا قرين له، فقرأنا البحث كأن الأقواس تامة.",
    NoteKind.NESTED_TOO_DEEP: "الأقواس متداخلة أكثر مما نقرأ، فتركنا أعمقها وبحثنا عما فيها.",
    NoteKind.OPERATOR_AS_WORD: "قرأنا «{}» في هذا الموضع كلمة عادية لا أداة من أدوات البحث.",
    NoteKind.UNREAD_SIGN: "لا معنى للعلامة «{}» في موضعها، فتركناها.",
    NoteKind.SHORT_PREFIX: "ما قبل النجمة في «{}» أقصر من أن نبحث به: اكتب حرفين أو أكثر سوى «ال»."
    " بحثنا عنه ككلمة عادية.",
    NoteKind.WIDE_PREFIX: "الكلمات التي تبدأ بـ«{}» أكثر من أن نبحث عنها كلها، فتركناها: زد حرفا أو أكثر.",
    NoteKind.NO_ROOT: "لا نعرف لكلمة «{}» جذرا، فبحثنا عنها ككلمة عادية.",
    NoteKind.WIDE_WINDOW: "المسافة التي طلبتها بين الكلمات أبعد مما نقيس، فجعلناها «{}».",
    NoteKind.TOO_MANY_WORDS: "كلمات البحث كثيرة، فتركنا منها: «{}».",
    NoteKind.TOO_MANY_PREFIXES: "الكلمات المنتهية بنجمة كثيرة، فتركنا منها: «{}».",
    NoteKind.TOO_MANY_FILTERS: "القيم والتواريخ في بحثك كثيرة، فتركنا منها: «{}».",
    NoteKind.CLOSE_SPELLING: "لم نجد «{}» في أي مقال، فبحثنا عمّا يقاربها في الكتابة.",
    NoteKind.ONLY_EXCLUDED: "بحثك يستثني كلمات فقط، فهذه كل المقالات التي تخلو منها.",
    NoteKind.NOTHING_SEARCHABLE: "ليس في بحثك ما يُبحث عنه: لا كلمة فيه، أو كلماته كلها شائعة جدا. اكتب كلمة أخص، "
    "أو ضعها بين علامتي تنصيص.",
}


def value_label(field: FacetField, value: str, names: SourceNames) -> str:
    """Return what to show for a value of a facet."""
    if value == UNKNOWN_VALUE:
        return UNKNOWN
    return names.name(value) if field is FacetField.SOURCE else value


def note_message(note: Note) -> str:
    """Return a note on the parsing of the query as an Arabic sentence."""
    return _NOTES[note.kind].format(note.text)


class Reason(NamedTuple):
    """Forms of an article that matched in the same way."""

    level: Level
    label: str
    """How they matched, as «تصريف آخر من «وزير»»."""
    words: tuple[str, ...]
    root: str
    """The root that they share with the query, as «و-ص-ل»; empty if there is none or a later reason has it."""


def reasons(match: Match) -> list[Reason]:
    """Return why a hit matched, closest level first; an empty list for a search without words."""
    groups: dict[tuple[Level, str, str], list[str]] = {}
    for text, level, lemma, root, folded in match.forms:
        label = FOLDED if folded else LEVELS[level]
        groups.setdefault(_way(level, label, lemma, root), []).append(shortened(text))
    last = {root: place for place, (_, _, root) in enumerate(groups)}
    return [
        Reason(level, how, tuple(words), root if last[root] == place else "")
        for place, ((level, how, root), words) in enumerate(groups.items())
    ]


def why(match: Match) -> str | None:
    """Return in Arabic why a hit matched; None for a search without words.

    As «الكلمة نفسها: «اتصال»؛ تصريف آخر من «اتصال»: «اتصالات»؛ من الجذر نفسه: «واصل» (الجذر: و-ص-ل)».
    """
    parts = []
    for _, label, words, root in reasons(match):
        shown = f"{label}: «{'»، «'.join(words)}»"
        parts.append(f"{shown} ({ROOT}: {root})" if root else shown)
    return "؛ ".join(parts) or None


@functools.lru_cache(maxsize=1_000)  # the hits of a page match in few ways
def _way(level: Level, label: str, lemma: str | None, root: str | None) -> tuple[Level, str, str]:
    """Return a level, how forms of a lemma match at it, and the root that they share."""
    how = f"{label} من «{lemma}»" if level is Level.LEMMA and lemma else label
    return level, how, "-".join(root) if root and level in (Level.FAMILY, Level.ROOT) else ""


def lacks(match: Match) -> str:
    """Return what the article of a hit does not have, as «ليس فيه: «كتاب»»; empty if it has all words."""
    return f"ليس فيه: «{'»، «'.join(map(shortened, match.missing))}»" if match.missing else ""
