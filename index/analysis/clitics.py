"""Clitics: the particles and pronouns that Arabic writes onto a word, and which of them to cut.

The layers are read from the outside in: conjunction, preposition or future particle, article, then the pronoun or the
tanwin at the end. A clitic is cut if what is left is a known word, and known means here: seen in news in forms that do
not depend on the cut in question. وزير is a word of its own because الوزير and بوزير are written and زير is not;
واضاف is و and اضاف because nobody writes الواضاف. Where both are likely, both readings are kept with weights. From
unknown words و and the article are cut too.

Words are base forms (see `folding`): a written teh marbuta is never mistaken for a pronoun.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from index.analysis import folding
from index.analysis.evidence import SURE, WordEvidence
from index.analysis.letters import (
    ALEF,
    ALEF_HAMZA_ABOVE,
    ALEF_HAMZA_BELOW,
    ALEF_MADDA,
    ALEF_MAKSURA,
    BEH,
    FATHATAN,
    FATHATAN_FORMS,
    FEH,
    HAMZA,
    HEH,
    KAF,
    LAM,
    MEEM,
    NOON,
    SEEN,
    TEH,
    TEH_MARBUTA,
    WAW,
    WAW_HAMZA,
    YEH,
    YEH_HAMZA,
)


class CliticReading(NamedTuple):
    """One way to divide a word."""

    stem: str
    """What is left, folded."""
    proclitics: tuple[str, ...]
    """Particles in order of speech."""
    enclitics: tuple[str, ...]
    weight: float
    """Share among the readings of the word, two decimals."""


class _Division(NamedTuple):
    """A word on its way through the layers."""

    form: str
    proclitics: tuple[str, ...]
    enclitics: tuple[str, ...]
    weight: float


class _Cut(NamedTuple):
    clitics: tuple[str, ...]
    rest: str
    cut: float
    """Evidence for the cut, in bits."""
    whole: float
    """Evidence that the form is one word."""

    def share(self) -> float:
        """Return the weight of the cut: 0 or 1 where the other side is too weak to be kept."""
        share = self.cut / (self.cut + self.whole + _DOUBT)
        if share < _NEGLIGIBLE:
            return 0.0
        return 1.0 if share > 1 - _NEGLIGIBLE else share


_Layer = Callable[[WordEvidence, str], _Cut | None]

_ARTICLE = ALEF + LAM
_NEGLIGIBLE = 0.2
_DOUBT = 0.1
"""Evidence for the whole that every form has, in bits, so that a cut never rests on next to nothing."""
_LONGEST = 24
"""Letters of a form that is divided: the longest words with all their clitics have fewer, and a run of the same letter
could otherwise be divided in more ways than can be tried."""
_SHORTEST_REST = 3
"""Letters that must be left behind a particle of one letter: وقف and بحر are never و and ب."""
_SHORTEST_NOUN = 2
"""Letters that must be left behind the article and before a pronoun."""
_SHORT_AND_KNOWN = 5
"""Evidence that a noun of two letters needs before a pronoun, in bits: يد and اب have it, در of درهم has not."""
_HABIT = 0.06
"""Weight of the word's own count as evidence for the whole: some particles are usual with some words (بشكل)."""
_CONJUNCTIONS = {WAW: 0.4, FEH: 0.05}
_PREPOSITIONS = {BEH: 0.2, LAM: 0.2, KAF: 0.015, SEEN: 0.2}
_PRONOUNS = {
    HEH: 0.2,
    HEH + ALEF: 0.4,
    HEH + MEEM: 0.3,
    HEH + NOON: 0.1,
    HEH + MEEM + ALEF: 0.4,
    KAF: 0.02,
    KAF + MEEM: 0.1,
    NOON + ALEF: 0.15,
    NOON + YEH: 0.02,
    YEH: 0.2,
}
"""How readily each clitic is believed, from its share in the news sample and the words that end or begin so anyway."""
_PRONOUN_ENDINGS = tuple(_PRONOUNS)
_ENDINGS = (*_PRONOUN_ENDINGS, ALEF)
_ARTICLE_GAIN = 0.6
_ARTICLE_HABIT = 1.5
_TANWIN_GAIN = 0.12
_UNDOTTED = 0.15
"""Weight of a word in teh marbuta as evidence for the same word written with heh."""
_FATHATANS = frozenset(FATHATAN + FATHATAN_FORMS)
_HAMZATED = frozenset((ALEF_HAMZA_ABOVE, ALEF_HAMZA_BELOW, ALEF_MADDA))
_IMPERFECT = (YEH, TEH, NOON, ALEF)
_RESTORED = {
    TEH: (TEH_MARBUTA,),
    ALEF: (ALEF_MAKSURA,),
    WAW: (WAW + ALEF,),
    YEH_HAMZA: (HAMZA,),
    WAW_HAMZA: (HAMZA,),
}
"""Last letters that a pronoun changes, and what they were."""


class CliticReader:
    """Divides words on the given evidence; immutable, so that threads may share it."""

    def __init__(self, words: WordEvidence) -> None:
        self._words = words

    def read(self, base: str, written: str = "", *, tanwin: bool = False) -> tuple[CliticReading, ...]:
        """Return the readings of a base form, the likeliest first; one or two.

        `written`, where it is known, shows the hamza that an article never has (ألواح). `tanwin` says that the word
        carries fathatan on its final alef, which then is an ending for certain.
        """
        if len(base) > _LONGEST:
            return (CliticReading(folding.surface(base), (), (), 1.0),)
        divisions = [_Division(base, (), (), 1.0)]
        for layer in (_conjunction, _preposition):
            divisions = [
                after
                for before in divisions
                for after in self._cut_front(before, layer, _letters_of(before, base, written))
            ]
        divisions = [
            after for before in divisions for after in self._cut_article(before, _letters_of(before, base, written))
        ]
        if tanwin:
            divisions = [division._replace(form=without_tanwin(division.form)) for division in divisions]
        else:
            divisions = [after for before in divisions for after in self._cut_end(before)]
        return _two_best(divisions)

    def _cut_front(self, division: _Division, layer: _Layer, written: str) -> Iterator[_Division]:
        cut = layer(self._words, division.form)
        if cut and _shows_a_beginning(written):
            cut = cut._replace(cut=SURE, whole=0.0)
        elif cut and any(map(self._words.is_whole, (division.form, *_before_pronoun(division.form)))):
            cut = None
        share = cut.share() if cut else 0.0
        if cut and share > 0:
            yield _Division(cut.rest, division.proclitics + cut.clitics, (), division.weight * share)
        if share < 1:
            yield division._replace(weight=division.weight * (1 - share))

    def _cut_article(self, division: _Division, written: str) -> Iterator[_Division]:
        # Behind two lams it is cut already, and what is left may begin with these letters itself (للالتزام). The
        # article never has a hamza (ألواح).
        if _has_article(division) or written[:1] in _HAMZATED:
            return iter((division,))
        return self._cut_front(division, _article, written)

    def _cut_end(self, division: _Division) -> Iterator[_Division]:
        # The article and a pronoun exclude each other.
        fixed = _has_article(division) or self._words.is_fixed(division.form)
        cut = None if fixed else _ending(self._words, division.form)
        share = cut.share() if cut else 0.0
        if cut and share > 0:
            yield _Division(cut.rest, division.proclitics, cut.clitics, division.weight * share)
        if share < 1:
            yield division._replace(weight=division.weight * (1 - share))


def particles_in(base: str) -> tuple[str, ...]:
    """Return the particles that a base form is made of: the letters before a number or a Latin word (وبالـ)."""
    conjunction = base[:1] if base[:1] in _CONJUNCTIONS else ""
    rest = base[len(conjunction) :]
    preposition = rest[:1] if rest[:1] in _PREPOSITIONS else ""
    article = _ARTICLE if rest[len(preposition) :] else ""
    return tuple(particle for particle in (conjunction, preposition, article) if particle)


def has_tanwin(spelled: str) -> bool:
    """Return whether a token is written with fathatan, so that its final alef is an ending."""
    return not _FATHATANS.isdisjoint(spelled)


def without_tanwin(form: str) -> str:
    """Return a base form without the alef of its tanwin."""
    return form[:-1] if form.endswith(ALEF) and len(form) > _SHORTEST_NOUN else form


def _has_article(division: _Division) -> bool:
    return division.proclitics[-1:] == (_ARTICLE,)


def _letters_of(division: _Division, base: str, written: str) -> str:
    """Return the letters of a division as they are written, empty where the forms do not run in step."""
    first = len(base) - len(division.form)
    return written[first:] if first >= 0 and len(written) == len(base) else ""


def _shows_a_beginning(written: str) -> bool:
    """Return whether a word begins behind the first letter, since a hamza is written that stands only there."""
    second = written[1:2]
    return second == ALEF_HAMZA_BELOW or (second == ALEF_HAMZA_ABOVE and written[0] == WAW)


def _conjunction(words: WordEvidence, form: str) -> _Cut | None:
    gain = _CONJUNCTIONS.get(form[0])
    if gain is None or len(form) <= _SHORTEST_REST:
        return None
    rest = form[1:]
    support = _support(words, gain, rest, form)
    if not support and form[0] != WAW:
        return None
    whole = _whole(words, form, (BEH, LAM, KAF, WAW))
    if support == whole == 0 and form[0] == WAW and len(rest) > _SHORTEST_REST:
        # Nothing is known of either side: few words begin with waw, and waw begins one word in ten.
        support = _DOUBT
    return _Cut((form[0],), rest, support, whole)


def _preposition(words: WordEvidence, form: str) -> _Cut | None:
    first, rest = form[0], form[1:]
    gain = _PREPOSITIONS.get(first)
    if gain is None or len(form) <= _SHORTEST_REST or (first == SEEN and not _is_imperfect(rest)):
        return None
    if first == rest[0] == LAM:
        return _behind_two_lams(words, rest)
    support = _support(words, gain, rest, form)
    if not support:
        return None
    # Behind lam, للشيخ says nothing of لشيخ: it is the article.
    return _Cut((first,), rest, support, _whole(words, form, (BEH,) if first == LAM else (BEH, LAM)))


def _behind_two_lams(words: WordEvidence, rest: str) -> _Cut:
    """Return the cut of a word that begins with two lams; `rest` has the second.

    The article loses its alef there, and a noun in lam does not write a third: للكتاب is ل, ال and كتاب, للجنة is ل,
    ال and لجنة, للبنان only ل and لبنان.
    """
    noun = rest[1:]
    if words.is_whole(rest) or words.with_article(rest) > words.with_article(noun):
        return _Cut((LAM, _ARTICLE) if words.with_article(rest) else (LAM,), rest, SURE, 0.0)
    return _Cut((LAM, _ARTICLE), noun, SURE, 0.0)


def _article(words: WordEvidence, form: str) -> _Cut | None:
    rest = form[len(_ARTICLE) :]
    if not form.startswith(_ARTICLE) or len(rest) < _SHORTEST_NOUN:
        return None
    # What is unknown behind these letters is a noun more often than not, if it is long enough for one.
    unknown = _ARTICLE_HABIT if len(rest) >= _SHORTEST_REST else 0.0
    cut = unknown + words.known(rest, form) / 2 + 2 * words.seen(LAM + LAM + rest)
    # Only a word that begins with these letters itself keeps its alef after lam, or takes an article.
    whole = words.seen(_ARTICLE + form) + words.seen(LAM + form) + words.seen(LAM + LAM + form)
    return _Cut((_ARTICLE,), rest, cut, 3 * whole)


def _ending(words: WordEvidence, form: str) -> _Cut | None:
    if not form.endswith(_ENDINGS):
        return None
    whole = words.with_article(form) + words.with_pronouns(form) + _HABIT * words.seen(form)
    if form.endswith(HEH):
        # Teh marbuta is often typed without its dots.
        whole += _UNDOTTED * words.plainly_known(form[:-1] + TEH_MARBUTA, form)
    cuts = [
        _Cut((clitic,), rest, gain * words.known(rest, form), whole)
        for clitic, gain in _PRONOUNS.items()
        if form.endswith(clitic) and len(form) - len(clitic) >= _SHORTEST_NOUN
        for rest in _restored(form[: -len(clitic)], clitic)
        if len(rest) >= _SHORTEST_REST or words.seen(rest) >= _SHORT_AND_KNOWN
    ]
    if form.endswith(ALEF) and len(form) > _SHORTEST_REST and form[-2] != WAW:
        whole += words.with_particles(form, (BEH, LAM))
        cuts.append(_Cut((), form[:-1], _TANWIN_GAIN * words.known(form[:-1], form), whole))
    return max(cuts, key=lambda cut: cut.cut, default=None)


def _whole(words: WordEvidence, form: str, particles: tuple[str, ...]) -> float:
    """Return the evidence that `form`, or what is left of it before a pronoun, is a word as it begins."""
    own = words.with_article(form) + words.with_particles(form, particles)
    stems = _before_pronoun(form)
    before = max((words.with_article(stem) + words.with_particles(stem, particles) for stem in stems), default=0)
    return (max(own, before) or words.inflected(form)) + _HABIT * words.seen(form)


def _support(words: WordEvidence, gain: float, rest: str, form: str) -> float:
    """Return the evidence for a cut before `rest`: before an article every particle is readily believed."""
    noun = rest[len(_ARTICLE) :]
    before_article = rest.startswith(_ARTICLE) and len(noun) >= _SHORTEST_REST and words.known(noun, rest) >= SURE
    return max(gain, _ARTICLE_GAIN if before_article else 0.0) * _known_outside(words, rest, form)


@functools.lru_cache(maxsize=4096)  # asked again for each letter before it: without a memory, twice as often each time
def _known_outside(words: WordEvidence, rest: str, form: str) -> float:
    """Return the evidence for `rest`, which may itself begin with an article or end in a pronoun."""
    known = words.known(rest, form)
    for layer in (_preposition, _article, _ending):
        inner = layer(words, rest) if known < SURE and not words.is_whole(rest) else None
        if inner and inner.share() > 0:
            known = max(known, inner.share() * _known_outside(words, inner.rest, rest))
            if inner.clitics == (_ARTICLE,) and len(inner.rest) >= _SHORTEST_REST:
                known = SURE
    return known


def _before_pronoun(form: str) -> list[str]:
    """Return what may stand before the pronoun at the end of `form`, if there is one."""
    if not form.endswith(_PRONOUN_ENDINGS):
        return []
    return [
        stem
        for pronoun in _PRONOUNS
        if form.endswith(pronoun) and len(form) - len(pronoun) >= _SHORTEST_REST
        for stem in _restored(form[: -len(pronoun)], pronoun)
    ]


def _is_imperfect(form: str) -> bool:
    """Return whether a verb after the future particle may look like this; the first person is longer than سالم."""
    return form[0] in _IMPERFECT and (form[0] != ALEF or len(form) > _SHORTEST_REST)


def _restored(stem: str, pronoun: str) -> tuple[str, ...]:
    """Return what a stem before a pronoun may be without it: as it is, and with the last letter that it had."""
    if stem[-1] in (TEH_MARBUTA, ALEF_MAKSURA):
        return ()
    restored = tuple(stem[:-1] + last for last in _RESTORED.get(stem[-1], ()))
    if pronoun == YEH:
        # Elsewhere a final yeh is more often the ending of an adjective than the pronoun of the first person.
        return restored if stem[-1] == TEH and len(stem) > _SHORTEST_REST else ()
    return (stem, *restored)


def _two_best(divisions: list[_Division]) -> tuple[CliticReading, ...]:
    """Return the two heaviest divisions with different stems as readings whose weights add up to one."""
    if len(divisions) == 1:
        form, proclitics, enclitics, _ = divisions[0]
        return (CliticReading(folding.surface(form), proclitics, enclitics, 1.0),)
    merged: dict[str, _Division] = {}
    for division in sorted(divisions, key=lambda division: (-division.weight, division.form)):
        stem = folding.surface(division.form)
        first = merged.setdefault(stem, division._replace(weight=0.0))
        merged[stem] = first._replace(weight=first.weight + division.weight)
    best = sorted(merged.items(), key=lambda item: (-item[1].weight, item[0]))[:2]
    total = sum(division.weight for _, division in best)
    return tuple(
        CliticReading(stem, division.proclitics, division.enclitics, round(division.weight / total, 2))
        for stem, division in best
    )
