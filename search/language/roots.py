"""Reads roots as people type them: كتب, ك-ت-ب, سأل, قال, مد, or a word whose root is meant.

The index has roots without separators, with hamza as ء whatever its seat, with doubled letters written twice, and with
weak letters as و or ي: قول, رءي, مدد. For the forms that these take in verbs see Wright, A Grammar of the Arabic
Language, I, on hamzated, doubled and weak verbs.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from index.analysis.analyzer import Analyzer
from index.analysis.arabic import letters
from index.analysis.arabic.folding import written
from index.analysis.tokens import FieldTerm
from index.schema import TokenField

_NO_LETTER = re.compile(f"[^{letters.HAMZA}-\u063a{letters.FEH}-{letters.YEH}]+")
_RADICALS = str.maketrans(
    {
        letters.ALEF_HAMZA_ABOVE: letters.HAMZA,
        letters.ALEF_HAMZA_BELOW: letters.HAMZA,
        letters.WAW_HAMZA: letters.HAMZA,
        letters.YEH_HAMZA: letters.HAMZA,
        letters.ALEF_MADDA: letters.HAMZA + letters.ALEF,
        letters.ALEF_MAKSURA: letters.YEH,
    }
)
_WEAK = (letters.WAW, letters.YEH)


def roots_of(typed: str, analyzer: Analyzer) -> tuple[FieldTerm, ...]:
    """Return the terms of the roots that `typed`, a root or a word, may mean; empty if there is none.

    Letters that can only be one root are that root, whatever other readings they have (وجد is not و and جد). If the
    analyzer has only other roots for them, they may be a word, and its roots count too. An alef is not a radical: the
    analyzer decides between waw and yeh; if it has neither, both count.
    """
    letter_by_letter = _NO_LETTER.sub(" ", written(typed)).split()
    joined = "".join(letter_by_letter)
    candidates = _candidates(joined.translate(_RADICALS))
    analyzed = _roots_of_word(joined, analyzer)
    if len(candidates) == 1:
        (root,) = candidates
        if root in analyzed or not analyzed or len(letter_by_letter) > 1:
            return _terms({root: 1.0})
        return _terms({root: 1.0} | analyzed)
    return _terms(analyzed or dict.fromkeys(candidates, 1.0))


def single_letter(text: str) -> bool:
    """Return whether a text is one Arabic letter, as in a root that is typed letter by letter."""
    letter = written(text)
    return len(letter) == 1 and not _NO_LETTER.fullmatch(letter)


def _candidates(radicals: str) -> Sequence[str]:
    """Return the roots that these letters may be: the second of two is doubled, an alef is hamza, waw or yeh."""
    if letters.TEH_MARBUTA in radicals or not 2 <= len(radicals) <= 4:  # noqa: PLR2004 - the lengths of roots
        return ()
    if radicals[0] == letters.ALEF:
        radicals = letters.HAMZA + radicals[1:]
    if len(radicals) == 2:  # noqa: PLR2004 - a doubled root as dictionaries list it
        radicals += radicals[-1]
    alefs = radicals.count(letters.ALEF)
    if alefs > 1 or (alefs and len(radicals) > 3):  # noqa: PLR2004 - no root of four letters has a weak one in a verb
        return ()
    choices = [_WEAK if letter == letters.ALEF else (letter,) for letter in radicals]
    return ["".join(choice) for choice in itertools.product(*choices)]


def _roots_of_word(word: str, analyzer: Analyzer) -> dict[str, float]:
    """Return the roots of a word by the analyzer, stop words included, with their weights."""
    weights: dict[str, float] = {}
    explanation = analyzer.explain(word)
    for reading in explanation.readings if explanation else ():
        for root, share in reading.roots:
            weights[root] = min(1.0, weights.get(root, 0.0) + reading.weight * share)
    return weights


def _terms(weights: dict[str, float]) -> tuple[FieldTerm, ...]:
    return tuple(FieldTerm(TokenField.ROOT, root, round(weight, 2)) for root, weight in weights.items() if weight)
