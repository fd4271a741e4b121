"""Names: they have no root, their particles are cut, and common words are not taken for names."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.analyzer import Analyzer
from index.analysis.arabic import folding
from index.analysis.arabic.name_variants import OWN_FILES, SPELLING_FILE, WRONG_FILE
from index.analysis.arabic.names import (
    LETTER_FILE,
    LETTERS,
    NAME_FILES,
    NameKind,
    NameReader,
    NameReading,
    load_name_reader,
    shipped_names,
    without_particles,
)
from index.analysis.arabic.stopwords import load_stop_words
from tests.analysis.explaining import readings_of

DATA = Path(__file__).resolve().parents[3] / "index" / "analysis" / "arabic" / "data"
NAMES = DATA / "names"

# spelled word, name, particles
DIVIDED = (
    ("لليمن", "اليمن", ("ل",)),
    ("اليمن", "اليمن", ()),
    ("وبوتين", "بوتين", ("و",)),
    ("بوتين", "بوتين", ()),
    ("لواشنطن", "واشنطن", ("ل",)),
    ("واشنطن", "واشنطن", ()),
    ("وواشنطن", "واشنطن", ("و",)),
    ("بباريس", "باريس", ("ب",)),
    ("باريس", "باريس", ()),
    ("كروسيا", "روسيا", ("ك",)),
    ("كوريا", "كوريا", ()),
    ("لندن", "لندن", ()),
    ("بيروت", "بيروت", ()),
    ("والاس", "والاس", ()),
    ("فرنسا", "فرنسا", ()),
    ("الناتو", "ناتو", ("ال",)),
    ("وبالمانيا", "المانيا", ("و", "ب")),
    ("للسعودية", "السعوديه", ("ل",)),
    ("ايران", "ايران", ()),
    ("إيران", "ايران", ()),
    ("لبنان", "لبنان", ()),
    ("للبنان", "لبنان", ("ل",)),
    ("داعش", "داعش", ()),
    ("ماكرون", "ماكرون", ()),
    ("طهران", "طهران", ()),
    ("كييف", "كييف", ()),
    ("الصين", "الصين", ()),
    ("الأردن", "الاردن", ()),
    ("تركيا", "تركيا", ()),
    ("مصر", "مصر", ()),
)
# spelled word, lemma, name that it belongs to
NISBAS = (
    ("الإيرانية", "ايراني", "ايران"),
    ("السوري", "سوري", "سوريا"),
    ("والأمريكيون", "امريكي", "امريكا"),
    ("أميركية", "اميركي", "اميركا"),
    ("الفرنسيين", "فرنسي", "فرنسا"),
    ("الروس", "روسي", "روسيا"),
    ("البريطانيون", "بريطاني", "بريطانيا"),
    ("بالألمانية", "الماني", "المانيا"),
)
WORDS = (
    "وزير والي بيان فهم كتاب قال يقولون مقال استقالة مواصلات محمد سعيد ناصر عادل رئيس مؤتمر لبن مكر قلم مدينة حكومة "
    "الخميس رمضان إبراهيمية الاحتجاجية الحوكمة تدوينة المحجوز متكونة"
)
FOREIGN = "كلاشنيكوفسكي زيلينسكي بيسكوف بايدن تشيبوراشكا ستولتنبرغ بلينكن فون غوارديولا"
ARABIC = "الناشبة وقباضاتها لحلحلة المنصهرة المنخرطة يستدرجونهم فسيكتبونها مستشعرون تهافتهم"


@pytest.fixture(scope="module")
def names() -> NameReader:
    return shipped_names()


def read(names: NameReader, spelled: str) -> NameReading | None:
    written = folding.written(spelled)
    return names.read(folding.fold(spelled), written)


def guess(names: NameReader, spelled: str) -> NameReading | None:
    written = folding.written(spelled)
    return names.guess(folding.base(written), written)


@pytest.mark.parametrize(("spelled", "name", "proclitics"), DIVIDED)
def test_names_lose_their_particles_and_nothing_else(
    names: NameReader, spelled: str, name: str, proclitics: tuple[str, ...]
) -> None:
    reading = read(names, spelled)
    assert reading is not None, f"{spelled} is not listed: see index/analysis/arabic/data/names/README.md"
    assert (reading.name, reading.proclitics) == (name, proclitics)
    assert reading.kind is NameKind.NAME


@pytest.mark.parametrize(("spelled", "lemma", "family"), NISBAS)
def test_adjectives_and_peoples_belong_to_a_name(names: NameReader, spelled: str, lemma: str, family: str) -> None:
    reading = read(names, spelled)
    assert reading is not None
    assert (reading.kind, reading.lemma, reading.family) == (NameKind.NISBA, lemma, family)


@pytest.mark.parametrize("spelled", WORDS.split())
def test_words_are_no_names(names: NameReader, spelled: str) -> None:
    assert read(names, spelled) is None


@pytest.mark.parametrize("particles", ["", "و", "ب", "لل"])
def test_no_listed_name_is_read_as_a_name_with_a_root(analyzer: Analyzer, particles: str) -> None:
    listed = [line.partition("\t")[0] for file in NAME_FILES for line in (NAMES / file).read_text("utf-8").splitlines()]
    readings = [(name, reading) for name in listed for reading in readings_of(analyzer, f"{particles}{name}")]
    assert sum(reading.pos == "name" for _, reading in readings) > 5_000
    assert [name for name, reading in readings if reading.pos == "name" and reading.roots] == []


def test_a_name_that_is_also_a_word_says_so(names: NameReader) -> None:
    flagged = {spelled: read(names, spelled) for spelled in ("قطر", "مالي", "لبنان", "مصر", "واشنطن")}
    assert {spelled for spelled, reading in flagged.items() if reading and reading.also_word} == {"قطر", "مالي"}


def test_an_article_with_a_hamza_is_none(names: NameReader) -> None:
    cut = read(names, "الناتو")
    whole = read(names, "ألناتو")
    assert cut is not None
    assert cut.proclitics == ("ال",)
    assert whole is None


@pytest.mark.parametrize("spelled", FOREIGN.split())
def test_unlisted_foreign_spellings_are_guessed(names: NameReader, spelled: str) -> None:
    if spelled == "فون":
        assert guess(names, spelled) is None, "three letters are too little evidence"
    else:
        reading = guess(names, spelled)
        assert reading is not None
        assert reading.sources == ("letters",)


@pytest.mark.parametrize("spelled", ARABIC.split())
def test_unlisted_arabic_words_are_not_guessed_to_be_names(names: NameReader, spelled: str) -> None:
    assert guess(names, spelled) is None


def test_a_guess_cuts_the_conjunction_and_the_article(names: NameReader) -> None:
    reading = guess(names, "والكلاشنيكوفسكي")
    assert reading is not None
    assert (reading.proclitics, reading.name) == (("و", "ال"), "كلاشنيكوفسكي")


@given(st.text(alphabet=LETTERS + "ةىأإآؤئپگ", min_size=1, max_size=20))
def test_reading_never_raises_and_joins_back(spelled: str) -> None:
    names = shipped_names()
    for reading in (read(names, spelled), guess(names, spelled)):
        if reading is not None:
            front = "".join(reading.proclitics).replace("لال", "لل")
            surface = folding.fold(spelled)
            lost_alef = reading.proclitics[-1:] == ("ل",) and reading.name.startswith("ال")
            assert surface in (front + reading.name, *([front + reading.name[1:]] if lost_alef else []))
            assert reading.enclitics == ()
            assert reading.lemma
            assert reading.family
            assert reading.spelling


@given(st.text(alphabet="ابتول xyz5.", max_size=12))
def test_other_characters_have_no_foreignness(text: str) -> None:
    score = shipped_names().foreignness(text)
    bare = without_particles(text)
    assert isinstance(score, int)
    if set(bare) - set(LETTERS):
        assert score == 0


def test_no_stop_word_is_a_name() -> None:
    stops = load_stop_words(DATA)
    forms = [line.split("\t")[0] for file in NAME_FILES for line in (NAMES / file).read_text("utf-8").splitlines()]
    assert [form for form in forms if stops.rule(form, form)] == []


@pytest.mark.parametrize("file", NAME_FILES)
def test_lists_hold_surfaces_once_and_sorted(file: str) -> None:
    lines = (NAMES / file).read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    assert lines == sorted(lines)
    assert all(len(row) == 5 for row in rows)
    assert all(folding.fold(form) == form for row in rows for form in (row[0], row[2], row[3]))
    assert len({row[0] for row in rows}) == len(rows)
    assert {row[1] for row in rows} <= {kind.value for kind in NameKind}


def test_checksums_hold_and_the_readme_names_every_file() -> None:
    lines = (NAMES / "SHA256SUMS").read_text("ascii").splitlines()
    sums = {name: digest for digest, name in (line.split() for line in lines)}
    assert set(sums) == {*NAME_FILES, LETTER_FILE, SPELLING_FILE, *OWN_FILES, WRONG_FILE}
    readme = (NAMES / "README.md").read_text("utf-8")
    for name, digest in sums.items():
        assert hashlib.sha256((NAMES / name).read_bytes()).hexdigest() == digest
        assert f"`{name}`" in readme


def test_a_missing_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=NAME_FILES[0]):
        load_name_reader(tmp_path)
