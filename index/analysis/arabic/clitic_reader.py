"""The reader of clitics: which particles and pronouns to cut off a word that no list has.

The layers are read from the outside in: conjunction, preposition or future particle, article, then the pronoun or the
tanwin at the end. A clitic is cut if the rest is a known word, which means: seen in news in forms that do not depend on
the cut in question. وزير is one word, because الوزير and بوزير occur and زير does not; واضاف is و and اضاف, because
الواضاف does not occur. If both are likely, both readings are kept with weights. The conjunction و and the article
are also cut from unknown words.

Words are base forms (see `folding`), so that a written teh marbuta is never mistaken for a pronoun.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from index.analysis.arabic import folding
from index.analysis.arabic.clitics import ARTICLE, FUTURE, Slot, odds_of
from index.analysis.arabic.evidence import IMPERFECT_PREFIXES, SURE, WordEvidence
from index.analysis.arabic.letters import (
    ALEF,
    ALEF_HAMZA_ABOVE,
    ALEF_HAMZA_BELOW,
    ALEF_MADDA,
    ALEF_MAKSURA,
    BEH,
    FATHATAN,
    FATHATAN_FORMS,
    HAMZA,
    HEH,
    KAF,
    LAM,
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
    """Surface without the clitics."""
    proclitics: tuple[str, ...]
    """Particles in order of speech."""
    enclitics: tuple[str, ...]
    weight: float
    """Share among the readings of the word, rounded to two decimals."""


class _Division(NamedTuple):
    """A word partly divided: the layers read so far have cut their clitics off `form`."""

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
    """Evidence that the form is one word, in bits."""

    def share(self) -> float:
        """Return the weight of the cut: 0 or 1 if the alternative is negligible."""
        share = self.cut / (self.cut + self.whole + _DOUBT)
        if share < _NEGLIGIBLE:
            return 0.0
        return 1.0 if share > 1 - _NEGLIGIBLE else share


_Layer = Callable[[WordEvidence, str], _Cut | None]

_NEGLIGIBLE = 0.2
_DOUBT = 0.1
"""Evidence for the whole that every form gets, in bits, so that negligible evidence alone does not decide a cut."""
_LONGEST = 24
"""Letters of a form that is divided. The longest words with all their clitics have fewer, and a long run of one letter
would have too many divisions to try."""
_SHORTEST_REST = 3
"""Letters that must remain after a particle of one letter: وقف and بحر never begin with the particles و and ب."""
_SHORTEST_NOUN = 2
"""Letters that must remain after the article and before a pronoun."""
_SHORT_AND_KNOWN = 5
"""Evidence that a noun of two letters needs before a pronoun, in bits: يد and اب reach it, در of درهم does not."""
_HABIT = 0.06
"""Weight of the form's own count as evidence for the whole; low, since some forms are frequent with a clitic (بشكل)."""
_CONJUNCTIONS = odds_of(Slot.CONJUNCTION)
_PARTICLES = odds_of(Slot.PARTICLE)
_PRONOUNS = odds_of(Slot.PRONOUN)
_PRONOUN_ENDINGS = tuple(_PRONOUNS)
_ENDINGS = (*_PRONOUN_ENDINGS, ALEF)
_BEFORE_ARTICLE = 0.6
"""Odds of a particle if the article follows it."""
_ARTICLE_HABIT = 1.5
_TANWIN_GAIN = 0.12
_UNDOTTED = 0.15
"""Weight of a word with teh marbuta as evidence for the same letters with heh."""
_FATHATANS = frozenset(FATHATAN + FATHATAN_FORMS)
_HAMZATED = frozenset((ALEF_HAMZA_ABOVE, ALEF_HAMZA_BELOW, ALEF_MADDA))
_RESTORED = {
    TEH: (TEH_MARBUTA,),
    ALEF: (ALEF_MAKSURA,),
    WAW: (WAW + ALEF,),
    YEH_HAMZA: (HAMZA,),
    WAW_HAMZA: (HAMZA,),
}
"""Last letters of a stem before a pronoun, and the letters that stand there without the pronoun."""


class CliticReader:
    """Divides words by the given evidence. Immutable, therefore thread-safe."""

    def __init__(self, words: WordEvidence) -> None:
        self._words = words

    def seen(self, base: str) -> int:
        """Return how often news has a base form, in bits."""
        return self._words.seen(base)

    def read(self, base: str, written: str = "", *, tanwin: bool = False) -> tuple[CliticReading, ...]:
        """Return the one or two readings of a base form, the likeliest first.

        `written` is the written form, or empty if unknown; its hamza shows that two letters are not the article
        (ألواح). `tanwin` is true if the final alef has fathatan and is therefore an ending.
        """
        if len(base) > _LONGEST:
            return (CliticReading(folding.surface(base), (), (), 1.0),)
        divisions = [_Division(base, (), (), 1.0)]
        for layer in (_conjunction, _preposition):
            divisions = [
                divided
                for division in divisions
                for divided in self._cut_front(division, layer, _letters_of(division, base, written))
            ]
        divisions = [
            divided
            for division in divisions
            for divided in self._cut_article(division, _letters_of(division, base, written))
        ]
        if tanwin:
            divisions = [division._replace(form=without_tanwin(division.form)) for division in divisions]
        else:
            divisions = [divided for division in divisions for divided in self._cut_end(division)]
        return _two_best(divisions)

    def _cut_front(self, division: _Division, layer: _Layer, written: str) -> Iterator[_Division]:
        cut = layer(self._words, division.form)
        if cut and _shows_a_beginning(written):
            cut = cut._replace(cut=SURE, whole=0.0)
        elif cut and any(map(self._words.is_whole, (division.form, *_stems_before_pronoun(division.form)))):
            cut = None
        share = cut.share() if cut else 0.0
        if cut and share > 0:
            yield _Division(cut.rest, division.proclitics + cut.clitics, (), division.weight * share)
        if share < 1:
            yield division._replace(weight=division.weight * (1 - share))

    def _cut_article(self, division: _Division, written: str) -> Iterator[_Division]:
        # After two lams the article is cut already, and the noun itself may begin with alef and lam (للالتزام). The
        # article never has a hamza (ألواح).
        if _has_article(division) or written[:1] in _HAMZATED:
            return iter((division,))
        return self._cut_front(division, _article, written)

    def _cut_end(self, division: _Division) -> Iterator[_Division]:
        # A noun has the article or a pronoun, never both.
        fixed = _has_article(division) or self._words.is_fixed(division.form)
        cut = None if fixed else _ending(self._words, division.form)
        share = cut.share() if cut else 0.0
        if cut and share > 0:
            yield _Division(cut.rest, division.proclitics, cut.clitics, division.weight * share)
        if share < 1:
            yield division._replace(weight=division.weight * (1 - share))


def has_tanwin(spelled: str) -> bool:
    """Return whether a token has fathatan, so that its final alef is an ending."""
    return not _FATHATANS.isdisjoint(spelled)


def without_tanwin(form: str) -> str:
    """Return a base form without the final alef of tanwin."""
    return form[:-1] if form.endswith(ALEF) and len(form) > _SHORTEST_NOUN else form


def _has_article(division: _Division) -> bool:
    return division.proclitics[-1:] == (ARTICLE,)


def _letters_of(division: _Division, base: str, written: str) -> str:
    """Return the written letters of a division's form; empty if the base and the written form differ in length."""
    first = len(base) - len(division.form)
    return written[first:] if first >= 0 and len(written) == len(base) else ""


def _shows_a_beginning(written: str) -> bool:
    """Return whether the second letter is a hamza form that occurs only at the beginning of a word."""
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
        # There is no evidence for either. The conjunction is likelier: it begins one word in ten, and few words begin
        # with a waw of their own.
        support = _DOUBT
    return _Cut((form[0],), rest, support, whole)


def _preposition(words: WordEvidence, form: str) -> _Cut | None:
    first, rest = form[0], form[1:]
    gain = _PARTICLES.get(first)
    if gain is None or len(form) <= _SHORTEST_REST or (first == FUTURE and not _is_imperfect(rest)):
        return None
    if first == rest[0] == LAM:
        return _behind_two_lams(words, rest)
    support = _support(words, gain, rest, form)
    if not support:
        return None
    # For a form with lam, a lam before it is no evidence: للشيخ has the article, so it does not support لشيخ as a word.
    return _Cut((first,), rest, support, _whole(words, form, (BEH,) if first == LAM else (BEH, LAM)))


def _behind_two_lams(words: WordEvidence, rest: str) -> _Cut:
    """Return the cut of a word that begins with two lams; `rest` begins with the second.

    The article loses its alef after lam, and a noun that begins with lam has no third one: للكتاب is ل, ال
    and كتاب, للجنة is ل, ال and لجنة, للبنان only ل and لبنان.
    """
    noun = rest[1:]
    if words.is_whole(rest) or words.with_article(rest) > words.with_article(noun):
        return _Cut((LAM, ARTICLE) if words.with_article(rest) else (LAM,), rest, SURE, 0.0)
    return _Cut((LAM, ARTICLE), noun, SURE, 0.0)


def _article(words: WordEvidence, form: str) -> _Cut | None:
    rest = form[len(ARTICLE) :]
    if not form.startswith(ARTICLE) or len(rest) < _SHORTEST_NOUN:
        return None
    # An unknown rest after alef and lam is usually a noun, if it is long enough.
    unknown = _ARTICLE_HABIT if len(rest) >= _SHORTEST_REST else 0.0
    cut = unknown + words.known(rest, form) / 2 + 2 * words.seen(LAM + LAM + rest)
    # Only a word whose own first letters are alef and lam keeps the alef after lam, or takes an article before it.
    whole = words.seen(ARTICLE + form) + words.seen(LAM + form) + words.seen(LAM + LAM + form)
    return _Cut((ARTICLE,), rest, cut, 3 * whole)


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
    """Return the evidence that `form`, with or without its pronoun, is a word that begins with its first letter."""
    own = words.with_article(form) + words.with_particles(form, particles)
    stems = _stems_before_pronoun(form)
    before = max((words.with_article(stem) + words.with_particles(stem, particles) for stem in stems), default=0)
    return (max(own, before) or words.inflected(form)) + _HABIT * words.seen(form)


def _support(words: WordEvidence, gain: float, rest: str, form: str) -> float:
    """Return the evidence for a cut before `rest`, with a higher factor if `rest` begins with the article."""
    noun = rest[len(ARTICLE) :]
    before_article = rest.startswith(ARTICLE) and len(noun) >= _SHORTEST_REST and words.known(noun, rest) >= SURE
    return max(gain, _BEFORE_ARTICLE if before_article else 0.0) * _known_outside(words, rest, form)


@functools.lru_cache(maxsize=4096)  # each recursive call is repeated per outer layer: exponential without a cache
def _known_outside(words: WordEvidence, rest: str, form: str) -> float:
    """Return the evidence for `rest`, which may itself begin with a particle or the article, or end in a pronoun."""
    evidence = words.known(rest, form)
    for layer in (_preposition, _article, _ending):
        inner = layer(words, rest) if evidence < SURE and not words.is_whole(rest) else None
        if inner and inner.share() > 0:
            evidence = max(evidence, inner.share() * _known_outside(words, inner.rest, rest))
            if inner.clitics == (ARTICLE,) and len(inner.rest) >= _SHORTEST_REST:
                evidence = SURE
    return evidence


def _stems_before_pronoun(form: str) -> list[str]:
    """Return the stems that `form` may have before a pronoun at its end; empty if it ends in no pronoun."""
    if not form.endswith(_PRONOUN_ENDINGS):
        return []
    return [
        stem
        for pronoun in _PRONOUNS
        if form.endswith(pronoun) and len(form) - len(pronoun) >= _SHORTEST_REST
        for stem in _restored(form[: -len(pronoun)], pronoun)
    ]


def _is_imperfect(form: str) -> bool:
    """Return whether `form` may be an imperfect after the future particle.

    The first person needs one letter more than the others, since سالم is no verb in the future.
    """
    return form[0] in IMPERFECT_PREFIXES and (form[0] != ALEF or len(form) > _SHORTEST_REST)


def _restored(stem: str, pronoun: str) -> tuple[str, ...]:
    """Return the forms that a stem may have without its pronoun: unchanged, and with its last letter restored."""
    if stem[-1] in (TEH_MARBUTA, ALEF_MAKSURA):
        return ()
    restored = tuple(stem[:-1] + last for last in _RESTORED.get(stem[-1], ()))
    if pronoun == YEH:
        # After other letters a final yeh is more often the ending of an adjective than the first person pronoun.
        return restored if stem[-1] == TEH and len(stem) > _SHORTEST_REST else ()
    return (stem, *restored)


def _two_best(divisions: list[_Division]) -> tuple[CliticReading, ...]:
    """Return the two divisions of highest weight with different stems as readings; the weights add up to one."""
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
