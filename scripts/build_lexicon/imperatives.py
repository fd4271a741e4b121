"""Imperatives: the tables list those of few verbs; the others are formed from the stems of the imperfect.

The rule is in every grammar (Wright, vol. 1, section 98): the imperfect without its prefix, after an alef if it would
begin with two consonants. This alef has a hamza in form IV.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.analysis.arabic.letters import ALEF, ALEF_HAMZA_ABOVE
from scripts.build_lexicon.buckwalter import Lemma, Stem

_CATEGORIES = {
    "IV": "CV",
    "IV_intr": "CV_intr",
    "IV_0hwnyn": "CV",
    "IV_C": "CV_C",
    "IV_C_intr": "CV_C",
    "IV_V": "CV_V",
    "IV_V_intr": "CV_V_intr",
}
_SHORTEST = 3
"""Letters of an imperative. Shorter ones in use (قل, كن) are in the tables; others would match too many words."""
_PREFIX_IN_U = "_yu"
"""Mark of the category of an imperfect whose prefix has u: forms II, III and IV."""


def with_imperatives(lemmas: Sequence[Lemma]) -> tuple[Lemma, ...]:
    """Return the lemmas with imperative stems for every verb that has none."""
    for lemma in lemmas:
        if lemma.pos() == "verb" and not any(stem.category.startswith("CV") for stem in lemma.stems):
            lemma.stems.extend(_imperatives(lemma))
    return tuple(lemmas)


def _imperatives(lemma: Lemma) -> Iterator[Stem]:
    seen = set()
    for stem in lemma.stems:
        category = _CATEGORIES.get(stem.category.replace(_PREFIX_IN_U, ""))
        if category is None:
            continue
        before, vowel = "", ""
        if stem.vocalized[1:2] in ("o", "~"):
            fourth = _PREFIX_IN_U in stem.category
            before, vowel = (ALEF_HAMZA_ABOVE, ">a") if fourth else (ALEF, "{i")
        imperative = Stem(before + stem.spelled, vowel + stem.vocalized, category, "verb")
        if len(imperative.spelled) >= _SHORTEST and (imperative.spelled, category) not in seen:
            seen.add((imperative.spelled, category))
            yield imperative
