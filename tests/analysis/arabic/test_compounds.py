"""Compounds in texts: the words, positions and terms of names that are written in one word or in several."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.analyzer import Analyzer
from index.analysis.arabic.analyzer import load_arabic_analyzer
from index.analysis.arabic.compounds import REMEMBERED, CompoundReader
from index.analysis.tokens import FILLER, Word
from index.schema import TokenField
from index.transfer import packed, unpacked

_TABLE = Path(__file__).parents[2] / "search" / "compounds.tsv"
with _TABLE.open(encoding="utf-8", newline="") as _file:
    SAME = [(row["query"], row["text"]) for row in csv.DictReader(_file, delimiter="\t") if row["match"] == "yes"]

ONE_POSITION = {"spelling place", "spelling name"}
NAMES = [
    "عبدالله",
    "عبد الله",
    "أبوظبي",
    "أبو ظبي",
    "نورالدين",
    "نور الدين",
    "أ.ف.ب",
    "أ ف ب",
    "بن",
    "أبو",
    "لا",
    "سلمان",
]
PIECES = [
    *NAMES,
    "و",
    "عبد",
    "الله",
    "كيلو",
    "متر",
    "قال",
    "إن",
    "شاء",
    ".",
    "،",
    " ",
    " ",
    "\n\n",
    "2",
    "CNN",
    "\u200c",
]


def first(analyzer: Analyzer, text: str) -> Word:
    return analyzer.analyze(text).words[0]


def keys(analyzer: Analyzer, text: str) -> set[str]:
    """Return the keys of the compounds in a text."""
    words = analyzer.analyze(text).words
    terms = itertools.chain.from_iterable(word.terms for word in words if word.compound)
    return {term.text for term in terms if term.field is TokenField.SPELLING and " " in term.text}


@pytest.mark.parametrize(("one", "other"), SAME)
def test_both_writings_take_the_same_number_of_positions(analyzer: Analyzer, one: str, other: str) -> None:
    assert len(analyzer.analyze(one)) == len(analyzer.analyze(other))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("وعبد الله", "عبد الله"),
        ("لعبدالله", "عبد الله"),
        ("العبدالله", "عبد الله"),
        ("أبا بكر", "ابو بكر"),
        ("لأبي بكر", "ابو بكر"),
        ("ابن سينا", "بن سينا"),
        ("كيلو مترات", "كيلو متر"),
        ("ميجا وات", "ميغا واط"),
        ("هونج كونج", "هونغ كونغ"),
        ("رأس مالها", "راس مال"),
        ("اللامركزية", "لا مركزيه"),
        ("(أ. ف. ب)", "ا ف ب"),
        ("أ.ف.ب", "ا ف ب"),
    ],
)
def test_all_writings_of_a_name_share_a_key(analyzer: Analyzer, text: str, key: str) -> None:
    assert keys(analyzer, text) == {key}


@pytest.mark.parametrize(
    "text",
    [
        "العبد لله", "عبد، الله", "عبد_الله", "عبد\n\nالله", "عبد من الله", "شاء الله", "رسول الله", "رحمه الله",
        "يوم الدين", "رجال الدين", "أم لا", "أم أنه", "أبي كان", "أبي يعمل", "ابن الرئيس", "ابن عمه", "ابن المدينة",
        "السعود", "السالم", "آلاف", "آلات", "آلام", "آلية", "آلاء", "بنك", "بناء", "بنات", "بنسبة", "بنيت", "لبنان",
        "لبن", "البن", "أبواب", "أبوه", "أبوها", "أبوين", "أبولو", "بوتين", "بوش", "بوليس", "بوابة", "بورصة", "لاعب",
        "لاجئ", "لاحق", "لاتيني", "لازم", "اللاعبون", "اللاجئين", "اللازم", "اللاحق", "لا أمن", "لا حرب", "لا أحد",
        "لا شيء", "ما زاد", "إن الله", "تلال", "تلميذ", "ديري", "أمام", "أمين", "أمان", "أموال", "كان شاء", "و أ",
        "أ و ب", "U.S.", "U S", "سيدي", "يوان", "مالي", "رأسي", "ذو شأن", "سيف حاد", "نور الشمس", "نصر كبير",
        "حزب الأمة", "كيلو من التفاح", "متر مربع", "نيو إيج", "بي بي", "سان", "رأس الجسر", "بابا سعيد", "ن 4",
        "بوكوفا", "سوتشي", "رأسمالي", "بوروسيا", "بوندسليغا",
    ],
)  # fmt: skip
def test_words_that_are_no_name_stay_apart(analyzer: Analyzer, text: str) -> None:
    words = analyzer.analyze(text).words
    assert [word.compound for word in words if word.compound] == []
    assert FILLER not in words


@pytest.mark.parametrize(
    ("text", "compounds"),
    [
        ("محمد بن عبد الله", ["", "بن عبد الله", "عبد الله", ""]),
        ("علي بن أبي طالب", ["", "بن ابي طالب", "ابي طالب", ""]),
        ("أبو عبدالله محمد", ["ابو عبد الله", "عبد الله", "", ""]),
        ("ابوعبدالله محمد", ["ابو عبد الله", "", "", ""]),
        ("د ب أ و أ ف ب", ["د ب ا", "", "", "", "ا ف ب", "", ""]),
        ("بي بي سي", ["بي بي سي", "", ""]),
        ("إن شاء الله", ["ان شاء الله", "", ""]),
    ],
)
def test_names_in_names(analyzer: Analyzer, text: str, compounds: list[str]) -> None:
    assert [word.compound for word in analyzer.analyze(text).words] == compounds


def test_the_first_word_of_a_name_keeps_its_own_terms(analyzer: Analyzer) -> None:
    alone, word = first(analyzer, "عبد"), first(analyzer, "عبد الله")
    assert word.terms[: len(alone.terms)] == alone.terms
    own = word.terms[len(alone.terms) :]
    assert {term.field for term in own} == {
        TokenField.WRITTEN, TokenField.SURFACE, TokenField.CLITIC, TokenField.LEMMA, TokenField.SPELLING
    }  # fmt: skip
    assert (word.written, word.surface) == ("عبد الله", "عبد الله")


def test_the_further_parts_are_words_as_ever(analyzer: Analyzer) -> None:
    assert analyzer.analyze("عبد الله").words[1] == first(analyzer, "الله")


def test_function_words_of_several_parts_are_stop_words(analyzer: Analyzer) -> None:
    for text in ("لا سيما", "لاسيما", "ولاسيما", "ما زالت", "مازالت", "إن شاء الله", "انشاءالله", "ماشاءالله"):
        assert first(analyzer, text).stop, text
        assert {term.field for term in first(analyzer, text).terms} == {TokenField.WRITTEN, TokenField.STOP}


def test_a_name_that_a_particle_was_cut_from_is_read_as_a_name(analyzer: Analyzer) -> None:
    lemmas = [term.text for term in first(analyzer, "بنكيران").terms if term.field is TokenField.LEMMA]
    assert lemmas == ["بنكيران"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.lists(st.sampled_from(NAMES)).map(" ".join))
def test_positions_ascend_and_fillers_have_no_width(text: str) -> None:
    analyzed = load_arabic_analyzer().analyze(text)
    assert len(analyzed.words) == len(analyzed.starts) == len(analyzed.ends)
    assert list(analyzed.starts) == sorted(analyzed.starts)
    further = 0
    for word, start, end in zip(analyzed.words, analyzed.starts, analyzed.ends, strict=True):
        assert (word is FILLER) == (start == end)
        if word is FILLER:
            assert further > 0, "a filler follows a compound in one word"
            further -= 1
        else:
            assert further == 0
            split = word.compound == word.surface
            further = 0 if split else word.compound.count(" ")
    assert further == 0


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_compounds_do_not_depend_on_what_was_read_before(text: str) -> None:
    analyzer = load_arabic_analyzer()
    tokenized = analyzer.tokenize(text)
    words = tuple(analyzer.word(spelled) for spelled in tokenized.spellings)
    fresh = CompoundReader(analyzer._data.compounds)
    assert fresh.read(tokenized, words) == analyzer.read(tokenized)
    assert fresh.read(tokenized, tuple(unpacked(packed(words)))) == analyzer.read(tokenized)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.analysis.arabic.compounds.REMEMBERED", 3)
    assert REMEMBERED > 3
    arabic = load_arabic_analyzer()
    reader = CompoundReader(arabic._data.compounds)
    for number in range(20):
        tokenized = arabic.tokenize(f"أبو {'ابجدهوزحط'[number % 9]}{'مازن'} عبد الله")
        read = reader.read(tokenized, tuple(map(arabic.word, tokenized.spellings)))
        assert read.words[2].compound == "عبد الله"
        assert len(reader._found) <= 3
