"""The analyzer as a whole: invariants for any text."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.analyzer import Step
from index.analysis.arabic.analyzer import ArabicAnalyzer, load_arabic_analyzer
from index.analysis.arabic.tokenizer import token_pattern
from index.analysis.tokens import FILLER, Word
from index.schema import TokenField
from tests.analysis.explaining import steps_of

ROOT = Path(__file__).resolve().parents[3]
SENTENCE = "وقالَ الرئيسُ (بوتين) لـCNN في 14:00: «كتابُهم»، www.spa.gov.sa، F-16 ٢٫٥٪ #السعودية_اليوم"

LETTERS = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپگیک\u0640\u064b\u064f\u0651\u0654\u0670ﷲﷺﻻ\u200c\u200f"
TEXTS = (
    st.text(max_size=40)
    | st.text(st.characters(), max_size=20)
    | st.text(st.sampled_from(LETTERS + " .-'_#@:/,٫0123٤٥abcXYZé\0\ud800"), max_size=40)
)


@given(TEXTS)
def test_offsets_slice_the_original_and_ascend(text: str) -> None:
    analyzed = load_arabic_analyzer().analyze(text)
    assert analyzed.text == text
    before, last = 0, (0, 0)
    positions = [position for position, word in enumerate(analyzed.words) if word is not FILLER]
    for position, token in zip(positions, analyzed.tokens(), strict=True):
        assert token.position == position
        if (token.start, token.end) != last:
            assert before <= token.start < token.end <= len(text)
        spelled = text[token.start : token.end]
        assert token.text == (token.word.written if spelled in load_arabic_analyzer()._formulas else spelled)
        before, last = token.end, (token.start, token.end)


@given(TEXTS)
def test_tokens_are_where_the_pattern_finds_them(text: str) -> None:
    tokens = dict.fromkeys((token.start, token.end) for token in load_arabic_analyzer().analyze(text).tokens())
    assert list(tokens) == [match.span() for match in token_pattern().finditer(text)]


@given(TEXTS)
def test_every_word_has_its_terms(text: str) -> None:
    for word in load_arabic_analyzer().analyze(text).words:
        fields = {term.field for term in word.terms}
        assert word.surface or word is FILLER
        if word is FILLER:
            assert word.stop
            assert not word.terms
        elif word.stop:
            assert fields == {TokenField.WRITTEN, TokenField.STOP}
        else:
            assert {TokenField.WRITTEN, TokenField.SURFACE, TokenField.CLITIC} <= fields
        assert len({(term.field, term.text) for term in word.terms}) == len(word.terms)
        assert all(term.text and 0 < term.weight <= 1 for term in word.terms)


@given(TEXTS)
def test_a_token_alone_is_the_word_it_is_in_its_text(text: str) -> None:
    analyzer = load_arabic_analyzer()
    for token in analyzer.analyze(text).tokens():
        alone = analyzer.analyze(token.text).words[0]
        if token.word.compound == alone.compound:
            assert alone == token.word
        else:  # the first word of a compound
            assert alone.terms == token.word.terms[: len(alone.terms)]


@given(TEXTS)
def test_folding_a_surface_changes_nothing(text: str) -> None:
    analyzer = load_arabic_analyzer()
    for word in analyzer.analyze(text).words:
        assert analyzer.fold(word.surface) == word.surface


def test_lone_surrogates_and_nul_are_no_words(analyzer: ArabicAnalyzer) -> None:
    text = "كتاب\ud800\0الوزير"
    assert [token.text for token in analyzer.analyze(text).tokens()] == ["كتاب", "الوزير"]


def test_the_empty_text_has_no_words(analyzer: ArabicAnalyzer) -> None:
    assert len(analyzer.analyze("")) == 0


def test_words_are_shared(analyzer: ArabicAnalyzer) -> None:
    first, second = analyzer.analyze("كتاب كتاب").words
    assert first is second


@pytest.mark.parametrize("text", ["", "«»", "كتاب جديد", " كتاب", "2.5%"])
def test_a_text_that_is_not_one_token_is_refused(analyzer: ArabicAnalyzer, text: str) -> None:
    with pytest.raises(ValueError, match="not one token"):
        analyzer.word(text)


def test_prefixes_fold_without_being_cut(analyzer: ArabicAnalyzer) -> None:
    assert analyzer.fold("الأوكر") == "الاوكر"
    assert analyzer.word("الأوكرانية").surface.startswith(analyzer.fold("الأُوكر"))


def test_steps_of_a_vocalized_word(analyzer: ArabicAnalyzer) -> None:
    assert steps_of(analyzer, "وَالكِتَاب") == (
        Step("written", "والكتاب", "harakat"),
        Step("surface", "والكتاب", ""),
        Step("clitic", "كتاب", "clitic و+ ال+"),
        Step("lemma", "كتاب", "lexicon, noun"),
        Step("family", "كتب1", ""),
        Step("root", "كتب", ""),
    )


def test_steps_name_the_rules(analyzer: ArabicAnalyzer) -> None:
    assert [step.rule for step in steps_of(analyzer, "إدارة")][:3] == ["", "alef-hamza, teh-marbuta", ""]
    assert steps_of(analyzer, "ا\u0654حمد")[0] == Step("written", "أحمد", "compose")
    assert steps_of(analyzer, "اإلمارات")[0] == Step("written", "الإمارات", "lam-alef order")
    assert steps_of(analyzer, "ومن")[-1] == Step("stop", "ومن", "stop list after و+")
    assert steps_of(analyzer, "رحيما")[2] == Step("clitic", "رحيم", "tanwin")
    assert Step("lemma", "minister", "latin") in steps_of(analyzer, "Ministers")
    assert analyzer.explain("«»") is None


def test_steps_show_every_reading_with_its_weight(analyzer: ArabicAnalyzer) -> None:
    rules = [step.rule for step in steps_of(analyzer, "كتابه") if step.name == "clitic"]
    assert {rule.partition(", weight")[0] for rule in rules} == {"whole", "clitic +ه"}


def test_all_threads_get_one_analyzer() -> None:
    analyzers: list[ArabicAnalyzer] = []
    threads = [threading.Thread(target=lambda: analyzers.append(load_arabic_analyzer())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(analyzers) == 8
    assert len(set(map(id, analyzers))) == 1


@pytest.fixture
def small_cache(analyzer: ArabicAnalyzer) -> ArabicAnalyzer:
    """Return an analyzer of the same data that caches four words."""
    data = analyzer._data
    return ArabicAnalyzer(
        data.stop_words, data.reader, analyzer._formulas, data.compounds, analyzer.version, cache_limit=4
    )


def test_a_full_cache_evicts_the_least_recently_used(small_cache: ArabicAnalyzer) -> None:
    words = {}
    for spelled in ("وزير", "كتاب", "رئيس", "وزير", "مدينة"):
        words[spelled] = small_cache.word(spelled)
        assert len(small_cache._cache) <= 4
    assert small_cache.word("وزير") is words["وزير"]
    assert small_cache.word("كتاب") is not words["كتاب"]


def test_a_text_with_more_words_than_the_cache_is_analyzed(
    analyzer: ArabicAnalyzer, small_cache: ArabicAnalyzer
) -> None:
    text = f"{SENTENCE} {SENTENCE} {SENTENCE}"
    for _ in range(2):
        assert small_cache.analyze(text) == analyzer.analyze(text)


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_another_process_finds_the_same_words(analyzer: ArabicAnalyzer, seed: str) -> None:
    code = (
        "import sys; from index.analysis.arabic.analyzer import load_arabic_analyzer; a = load_arabic_analyzer();"
        "print(a.version.fingerprint); print(a.analyze(sys.stdin.read()).words)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        input=SENTENCE.encode(),
        capture_output=True,
        check=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
    )
    words: tuple[Word, ...] = analyzer.analyze(SENTENCE).words
    assert run.stdout.decode().splitlines() == [analyzer.version.fingerprint, str(words)]
