"""Stop words in quotes and with `=` are searched like other words; without quotes a note tells that they are not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from index.schema import Level
from search.levels import Tier
from search.request import SearchRequest
from search.results import NoteKind
from search.service import SearchService
from tests.search.conftest import LOCATIONS, indexed


class Case(NamedTuple):
    """A query, texts that it must find, and texts that it must not find."""

    query: str
    found: tuple[str, ...]
    missed: tuple[str, ...] = ()


CANNES, CAIRO = "افتتح مهرجان كان السينمائي", "افتتح مهرجان القاهرة السينمائي"
THANI, SECOND = "استقبل تميم بن حمد آل ثاني الوفد", "فاز الفريق في ثاني لقاءاته"
SHEIKHS, SHEIKH = "خطب صالح آل الشيخ", "زار الشيخ صالح المنطقة"
LEE, WILLIS = "فيلم بروس لي الجديد", "فيلم بروس ويليس الجديد"
AFP, CLASS = "نقلت أ ف ب الخبر", "خرج الفصل أ إلى الساحة"
ON, ALI = "وضع الكتاب على الطاولة", "وضع الكتاب علي الطاولة"
ARTICLE = "كتب ال ثاني كلمة"
WHO, WHAT = "سأل من هو الفائز", "سأل ما هو السبب"
TWICE, ONCE = "كان كما كان وكان", "كان وحده"
THERE, BEFORE = "عاد إلى هناك قبل الظهر", "عاد من هناك قبل الظهر"
MARKED = "قُلْ مَنْ هُوَ اليوم"
EGYPTIAN = "بقي فى القاهرة حتى المساء"
USUAL = "بقي في القاهرة حتى المساء"
ENGLISH, BAND = "صدر ألبوم The Who الجديد", "صدر ألبوم Who الجديد"
VERSE, WHICH = "قرأ آية الكرسي", "جلس على أية الكرسي"
ANNE, THAT = "صورت آن هاثاواي الفيلم", "قال إن هاثاواي وصلت"
SAUD, SAUDI = "قصر آل سعود القديم", "قصر سعود القديم"
AND_THANI = "حضر آل الشيخ وآل ثاني"
COUNCIL, KEEPING = "قرار مجلس الأمن", "مجلس حفظ الأمن"
GOD, SERVANT = "قال عبد الله", "كتب العبد لله رسالة"
TEXTS = (
    CANNES, CAIRO, THANI, SECOND, SHEIKHS, SHEIKH, LEE, WILLIS, AFP, CLASS, ON, ALI, ARTICLE, WHO, WHAT, TWICE, ONCE,
    THERE, BEFORE, MARKED, EGYPTIAN, USUAL, ENGLISH, BAND, VERSE, WHICH, ANNE, THAT, SAUD, SAUDI, AND_THANI, COUNCIL,
    KEEPING, GOD, SERVANT,
)  # fmt: skip

IN_QUOTES = [
    Case('"مهرجان كان السينمائي"', (CANNES,), (CAIRO,)),
    Case('"مهرجان كان"', (CANNES,), (CAIRO,)),
    Case("«مهرجان كان»", (CANNES,), (CAIRO,)),
    Case('"مهرجان كان', (CANNES,), (CAIRO,)),
    Case('"كان السينمائي"', (CANNES,), (CAIRO,)),
    Case('="مهرجان كان السينمائي"', (CANNES,), (CAIRO,)),
    Case('"بروس لي"', (LEE,), (WILLIS,)),
    Case('="بروس لي"', (LEE,), (WILLIS,)),
    Case('"لي الجديد"', (LEE,), (WILLIS,)),
    Case('"The Who"', (ENGLISH,), (BAND,)),
    Case('"the who"', (ENGLISH,), (BAND,)),
    Case('"إلى هناك قبل"', (THERE,), (BEFORE,)),
    Case('"أ ف ب"', (AFP,), (CLASS,)),
    Case('"الفصل أ"', (CLASS,), (AFP,)),
    Case('"أ إلى"', (CLASS,), (AFP, THERE)),
    # families: آل is a word of its own
    Case('"آل ثاني"', (THANI, ARTICLE), (SECOND, AND_THANI)),
    Case('"آل الشيخ"', (SHEIKHS, AND_THANI), (SHEIKH,)),
    Case('="آل ثاني"', (THANI,), (SECOND, ARTICLE, AND_THANI)),
    Case('"وآل ثاني"', (AND_THANI,), (THANI,)),
    Case('"حمد آل ثاني"', (THANI,), (SECOND,)),
    Case('"آل سعود"', (SAUD,), (SAUDI,)),
    Case("=آل", (THANI, SHEIKHS, SAUD, AND_THANI), (ARTICLE, SHEIKH, SAUDI)),
    Case('"آل"', (THANI, SHEIKHS, SAUD, AND_THANI), (ARTICLE, SHEIKH, SAUDI)),
    Case('"ال ثاني"', (ARTICLE, THANI), (SECOND,)),
    Case('="ال ثاني"', (ARTICLE,), (SECOND, THANI)),
    Case('"ال سعود"', (SAUD,), (SAUDI,)),
    Case('"اية الكرسي"', (VERSE, WHICH)),
    Case('"آية الكرسي"', (VERSE,), (WHICH,)),
    Case("آل ثاني", (THANI, AND_THANI, ARTICLE), (SECOND,)),
    Case("آل سعود", (SAUD,), (SAUDI,)),
    Case("آية الكرسي", (VERSE,), (WHICH,)),
    Case("آن هاثاواي", (ANNE,), (THAT,)),
    # stop words alone
    Case('"من هو"', (WHO, MARKED), (WHAT, BEFORE)),
    Case('"ما هو"', (WHAT,), (WHO,)),
    Case('"إلى"', (THERE, CLASS), (BEFORE,)),
    Case('"الى"', (THERE, CLASS), (BEFORE,)),
    Case("=إلى", (THERE, CLASS), (BEFORE,)),
    Case("=الى", (), (THERE, CLASS, BEFORE)),
    Case("=من", (WHO, BEFORE, MARKED), (WHAT, THERE)),
    Case('"كان كما كان"', (TWICE,), (ONCE,)),
    Case('"كما كان وكان"', (TWICE,), (ONCE,)),
    Case('"هو من"', (), (WHO, MARKED)),
    # spellings that fold to the same
    Case('"فى القاهرة"', (EGYPTIAN, USUAL)),
    Case('"في القاهرة"', (EGYPTIAN, USUAL)),
    Case('="في القاهرة"', (USUAL,), (EGYPTIAN,)),
    Case('="فى"', (EGYPTIAN,), (USUAL,)),
    Case('"مَن هو"', (WHO, MARKED), (WHAT,)),
    Case('"على الطاولة"', (ON,), (ALI,)),
    Case('"علي الطاولة"', (ALI,), (ON,)),
    Case('"على"', (ON, WHICH), (ALI,)),
    Case('"علي"', (ALI,), (ON, WHICH)),
    Case("علي", (ALI,), (ON, WHICH)),
    # excluded, counted, near, in the title
    Case('صالح -"آل الشيخ"', (SHEIKH,), (SHEIKHS,)),
    Case('الشيخ -"صالح آل"', (SHEIKH, AND_THANI), (SHEIKHS,)),
    Case('القاهرة -"في"', (CAIRO,), (USUAL, EGYPTIAN)),
    Case("القاهرة -=في", (CAIRO, EGYPTIAN), (USUAL,)),
    Case('الظهر -"من"', (THERE,), (BEFORE,)),
    Case('2×"كان"', (TWICE,), (ONCE, CANNES)),
    Case('3×"كان"', (), (TWICE, ONCE)),
    Case('1×"كان"', (TWICE, ONCE, CANNES), (WHO,)),
    Case('"مهرجان كان"~1', (CANNES,), (CAIRO,)),
    Case('"السينمائي كان"~3', (CANNES,), (CAIRO,)),
    Case('"الفائز من"~1', (WHO,), (WHAT,)),
    Case('"الفائز من"~0', (), (WHO,)),
    Case('"هو من" قرب:1', (WHO, MARKED), (WHAT,)),
    Case('العنوان:"من هو"', ("عنوان",), (WHO, MARKED)),
    Case("العنوان:=من", ("عنوان",), (WHO, BEFORE)),
    Case('العنوان:"في"', (), ("عنوان", USUAL)),
    Case('المقدمة:"من هو"', (WHO,), ("عنوان",)),
    Case('"من هو" أو "ما هو"', (WHO, MARKED, WHAT), (BEFORE,)),
    Case('"من" هو', (WHO, BEFORE, MARKED), (WHAT,)),
    Case('الفائز "من"', (WHO,), (WHAT,)),
]
UNCHANGED = [
    Case('"مجلس الأمن"', (COUNCIL,), (KEEPING,)),
    Case('"عبد الله"', (GOD,), (SERVANT,)),
    Case("مهرجان كان", (CANNES, CAIRO)),
    Case("بروس لي", (LEE, WILLIS)),
    Case("إلى القاهرة", (CAIRO, EGYPTIAN, USUAL)),
    Case("القاهرة -في", (CAIRO, EGYPTIAN, USUAL)),
    Case("العنوان:من القاهرة", (CAIRO, USUAL)),
    Case("كان*", (), (CANNES, TWICE, ONCE)),
    Case("علي*", (ALI,), (ON, WHICH)),
    Case("من", (), (WHO, BEFORE)),
    Case("3×من", (), (WHO, BEFORE)),
    Case('"القاهرة السينمائي"', (CAIRO,), (CANNES,)),
    Case('"مهرجان السينمائي"', (), (CANNES, CAIRO)),
    Case('"مهرجان السينمائي"~1', (CANNES, CAIRO)),
]


@pytest.fixture(scope="module", params=LOCATIONS)
def readers(request: pytest.FixtureRequest) -> Iterator[SearchService]:
    articles = [{"id": text, "text": text} for text in TEXTS]
    articles.append({"id": "عنوان", "title": "من هو الفائز", "text": "نص قصير"})
    with indexed(request, articles) as made:
        yield made


def found_by(readers: SearchService, query: str) -> list[str]:
    request = SearchRequest(text=query, match=Level.LEMMA, per_page=100, second_try=False)
    result = readers.search(request)
    assert result.total == len([hit for hit in result.hits if hit.match.tier is Tier.MATCH])
    return [hit.document.id for hit in result.hits if hit.match.tier is Tier.MATCH]


@pytest.mark.parametrize("case", [*IN_QUOTES, *UNCHANGED], ids=lambda case: case.query)
def test_the_query_finds_the_right_articles_and_no_wrong_one(readers: SearchService, case: Case) -> None:
    found = set(found_by(readers, case.query))
    assert set(case.found) <= found
    assert not set(case.missed) & found


@pytest.mark.parametrize("case", IN_QUOTES, ids=lambda case: case.query)
def test_what_is_in_quotes_needs_no_note(readers: SearchService, case: Case) -> None:
    notes = readers.search(SearchRequest(text=case.query)).notes
    bare = {word for word in case.query.split() if '"' not in word and "=" not in word}
    told = {word for note in notes if note.kind is NoteKind.STOP_WORDS for word in note.text.split()}
    assert told <= bare


@pytest.mark.parametrize(("query", "told"), [("مهرجان كان", "كان"), ("بروس لي", "لي"), ('"من" هو الفائز', "هو")])
def test_what_is_left_out_without_quotes_is_told(readers: SearchService, query: str, told: str) -> None:
    notes = readers.search(SearchRequest(text=query)).notes
    assert [note.text for note in notes if note.kind is NoteKind.STOP_WORDS] == [told]


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ('"مهرجان كان السينمائي"', {"مهرجان", "كان", "السينمائي"}),
        ('"من هو"', {"من", "هو", "مَنْ", "هُوَ"}),
        ('3×"كان" أو 2×"كان"', {"كان"}),
        ('"الفائز من"~1', {"الفائز", "من"}),
        ("مهرجان كان", {"مهرجان"}),
        ("علي", {"علي"}),
        ('علي أو "على الطاولة"', {"علي", "على", "الطاولة"}),
    ],
)
def test_the_stop_words_of_a_phrase_are_marked_with_it(readers: SearchService, query: str, marked: set[str]) -> None:
    result = readers.search(SearchRequest(text=query, match=Level.EXACT, per_page=100))
    found = {
        snippet.text[mark.start : mark.end] for hit in result.hits for snippet in hit.snippets for mark in snippet.marks
    }
    titles = {hit.title[mark.start : mark.end] for hit in result.hits for mark in hit.title_marks}
    assert {word for phrase in found | titles for word in phrase.split()} == marked


@pytest.mark.parametrize("query", ['"مهرجان كان السينمائي"', '"من هو"', '2×"كان"', "=من", '"الفائز من"~1 سأل'])
def test_explanations_add_up(readers: SearchService, query: str) -> None:
    hits = readers.search(SearchRequest(text=query, explained=True)).hits
    assert hits
    for hit in hits:
        assert hit.explanation is not None
        assert hit.score > 0
        assert sum(part.value for part in hit.explanation.parts) == pytest.approx(hit.score)


def test_no_form_of_a_stop_word_is_counted(readers: SearchService) -> None:
    forms = readers.search(SearchRequest(text='"مهرجان كان السينمائي"', match=Level.EXACT)).forms
    assert forms is not None
    assert [form.form for form in forms.values] == ["مهرجان", "السينمائي"]


def test_an_excluded_form_is_not_that_of_a_stop_word_with_its_letters(readers: SearchService) -> None:
    request = SearchRequest(text='"على الطاولة"', dropped_forms=("علي",))
    assert [hit.document.id for hit in readers.search(request).hits] == [ON]


def test_a_phrase_of_stop_words_ranks_by_how_often_it_occurs(readers: SearchService) -> None:
    assert found_by(readers, '"كان"')[0] == TWICE


def test_every_pair_of_neighbours_in_quotes_finds_its_text(readers: SearchService) -> None:
    for text in TEXTS:
        for first, second in itertools.pairwise(text.split()):
            if len(first) == len(second) == 1:
                continue  # part of an abbreviation, which is one word
            assert text in found_by(readers, f'"{first} {second}"'), (first, second)
