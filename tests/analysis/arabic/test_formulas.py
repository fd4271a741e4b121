"""Formulas: a sign that stands for several words is these words."""

from __future__ import annotations

import re

import pytest

from index.analysis.arabic import letters
from index.analysis.arabic.analyzer import ArabicAnalyzer

FORMULAS = {
    "ﷺ": "صلى الله عليه وسلم",
    "ﷻ": "جل جلاله",
    "﷽": "بسم الله الرحمن الرحيم",
    "﷾": "سبحانه وتعالى",
    "﷿": "عز وجل",
    "﵁": "رضي الله عنه",
    "﵂": "رضي الله عنها",
    "﵇": "عليه السلام",
    "﵀": "رحمه الله",
}
ONE_WORD = {
    "ﷲ": "الله",
    "اﷲ": "الله",
    "ٱﷲ": "الله",
    "اَﷲ": "الله",
    "وﷲ": "والله",
    "واﷲ": "والله",
    "باﷲ": "بالله",
    "تﷲ": "تالله",
    "لﷲ": "لله",
    "ولِﷲ": "ولله",
    "عبدﷲ": "عبدالله",
    "عبداﷲ": "عبدالله",
    "ﷳ": "أكبر",
    "ﷴ": "محمد",
    "ﷵ": "صلعم",
    "ﷶ": "رسول",
    "ﷷ": "عليه",
    "ﷸ": "وسلم",
    "ﷹ": "صلى",
    "﷼": "ريال",
}


@pytest.mark.parametrize(("sign", "words"), FORMULAS.items(), ids=FORMULAS.keys())
def test_a_sign_is_its_words(analyzer: ArabicAnalyzer, sign: str, words: str) -> None:
    found = analyzer.analyze(f"قال{sign}.")
    assert found.words[1:] == analyzer.analyze(words).words
    assert {(token.start, token.end) for token in list(found.tokens())[1:]} == {(3, 4)}
    assert [token.text for token in found.tokens()] == ["قال", *words.split()]


@pytest.mark.parametrize(("spelled", "word"), ONE_WORD.items(), ids=ONE_WORD.keys())
def test_the_sign_of_a_word_is_the_word(analyzer: ArabicAnalyzer, spelled: str, word: str) -> None:
    (found, *_), (expected, *_) = analyzer.analyze(spelled).words, analyzer.analyze(word).words
    assert (found.surface, found.clitics, found.stop) == (expected.surface, expected.clitics, expected.stop)


def test_all_signs_have_words(analyzer: ArabicAnalyzer) -> None:
    signs = re.findall(f"[{letters.FORMULAS}]", "".join(map(chr, range(0x10000))))
    assert len(signs) == 22
    assert all(len(analyzer.analyze(sign)) > 1 for sign in signs)


def test_a_formula_is_not_one_word(analyzer: ArabicAnalyzer) -> None:
    with pytest.raises(ValueError, match="not one token"):
        analyzer.word("ﷺ")


def test_an_explanation_is_that_of_the_first_word(analyzer: ArabicAnalyzer) -> None:
    assert analyzer.explain("ﷺ") == analyzer.explain("صلى")


@pytest.mark.parametrize("text", ["محمد صلى وسلم", "قال: الله", "٪؉", "ﷰ ﷱ"])
def test_other_texts_stay_the_same_object(analyzer: ArabicAnalyzer, text: str) -> None:
    tokenized = analyzer.tokenize(text)
    assert analyzer._formulas.spelled_out(tokenized) is tokenized
