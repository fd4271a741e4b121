"""Query texts and their trees."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.schema import FacetField, Level, TokenField
from search.language.limits import MAX_WORDS
from search.levels import counted
from search.query import And, DateRange, FacetFilter, Not, Or, Phrase, Term
from search.ranking import quorum
from search.request import MAX_QUERY_LENGTH
from search.results import NoteKind
from tests.search.trees import formatted, parse

MARKS = ["»«", "«»", "“”", "”“", "“„", "„“", "„”", "‟”", "”„", "““", "””", '“"', '"”', "‹›", "›‹", "＂＂"]


@pytest.mark.parametrize("marks", [*MARKS, "'" * 4, "‘‘‘‘", "’’’’"])
def test_quotation_marks_of_any_kind_and_direction_are_quotes(marks: str) -> None:
    half = len(marks) // 2
    typed = f"قطر {marks[:half]}مجلس الأمن{marks[half:]} اليوم"
    assert formatted(parse(typed).query) == formatted(parse('قطر "مجلس الأمن" اليوم').query)
    assert parse(typed).notes == ()


@pytest.mark.parametrize(
    ("text", "tree", "further"),
    [
        ("", "*", "-"),
        ("  \n ", "*", "-"),
        ("كتاب", "كتاب", "-"),
        ("وزير الخارجية", "(وزير & الخارجية)", "(وزير | الخارجية)>=1"),
        ("وزير الخارجية الروسي", "(وزير & الخارجية & الروسي)", "(وزير | الخارجية | الروسي)>=1"),
        ("كتاب كتاب", "كتاب", "-"),
        ("وزير في الرياض", "(وزير & الرياض)", "(وزير | الرياض)>=1"),
        ('"مجلس الأمن"', '"مجلس@0 الأمن@1"', "-"),
        ("«مجلس الأمن»", '"مجلس@0 الأمن@1"', "-"),
        ("“مجلس الأمن”", '"مجلس@0 الأمن@1"', "-"),
        ('"الحرب في أوكرانيا"', '"الحرب@0 في@1 أوكرانيا@2"', "-"),
        ('"في الرياض"', '"في@0 الرياض@1"', "-"),
        ('وزير "كان" قطر جديد', "((وزير & قطر & جديد) & كان)", "((وزير | قطر | جديد)>=1 & كان)"),
        ("العنوان:»مجلس الأمن«", '"مجلس.title@0 الأمن.title@1"', "-"),
        ("قطر -»مجلس الأمن«", '(قطر & !"مجلس@0 الأمن@1")', "-"),
        ("=»مجلس الأمن«", '"مجلس=@0 الأمن=@1"', "-"),
        ("»مجلس الأمن«~5", '"مجلس الأمن"~5', "-"),
        ("»مجلس الأمن« قرب:5", '"مجلس الأمن"~5', "-"),
        ("و»مجلس الأمن«", '"مجلس@0 الأمن@1"', "-"),
        ('"قال «مجلس الأمن» أمس"', '"قال@0 مجلس@1 الأمن@2 أمس@3"', "-"),
        ('"قال “مجلس” أمس"', '"قال@0 مجلس@1 أمس@2"', "-"),
        ("“قال «مجلس» أمس”", '"قال@0 مجلس@1 أمس@2"', "-"),
        ("»مجلس الأمن", "(مجلس & الأمن)", "(مجلس | الأمن)>=1"),
        ("مجلس الأمن»", "(مجلس & الأمن)", "(مجلس | الأمن)>=1"),
        ("''مجلس الأمن", "(مجلس & الأمن)", "(مجلس | الأمن)>=1"),
        ("H&M", '"H@0 M@1"', "-"),
        ("متجر h&m،", '(متجر & "h@0 m@1")', "-"),
        ("Q&A -H&M", '(!"H@0 M@1" & "Q@0 A@1")', "-"),
        ("العنوان:S&P", '"S.title@0 P.title@1"', "-"),
        ("=H&M", '"H=@0 M=@1"', "-"),
        ("(H&M أو C&A)", '("H@0 M@1" | "C@0 A@1")>=1', "-"),
        ("H & M", "(H & M)", "(H | M)>=1"),
        ("فاست&فوريوس", "(فاست & فوريوس)", "(فاست | فوريوس)>=1"),
        ("3&4", "(3 & 4)", "(3 | 4)>=1"),
        ("H& M", "(H & M)", "(H | M)>=1"),
        ("الكاتب: سعاد", "(الكاتب & سعاد)", "(الكاتب | سعاد)>=1"),
        ("الكاتب : سعاد", "(الكاتب & سعاد)", "(الكاتب | سعاد)>=1"),
        ('وزير "مجلس الأمن" قطر', '((وزير & قطر) & "مجلس@0 الأمن@1")', "(وزير | قطر | مجلس | الأمن)>=1"),
        ("وزير -الخارجية", "(وزير & !الخارجية)", "-"),
        ('وزير -"مجلس الأمن"', '(وزير & !"مجلس@0 الأمن@1")', "-"),
        ("-وزير", "!وزير", "-"),
        ("العنوان:وزير قطر", "(قطر & وزير.title)", "-"),
        ('title:"مجلس الأمن"', '"مجلس.title@0 الأمن.title@1"', "-"),
        ("-عنوان:وزير قطر", "(قطر & !وزير.title)", "-"),
        ("المصدر:okaz وزير", "(وزير & source=okaz)", "-"),
        ("source:الجزيرة", "source=aj", "-"),
        ('المصدر:"سكاي نيوز عربية"', "source=sky", "-"),
        ("-مصدر:okaz", "!source=okaz", "-"),
        ("الوكالة:رويترز", "agency=رويترز", "-"),
        ("الكاتب:سعاد", "author=سعاد", "-"),
        ("القسم:رياضة", "section=رياضة", "-"),
        ("section:sport", "section=sport", "-"),
        ("التاريخ:2025-02-12", "2025-02-12..2025-02-12", "-"),
        ("date:٢٠٢٥", "2025-01-01..2025-12-31", "-"),
        ("تاريخ:فبراير 2025 وزير", "(وزير & 2025-02-01..2025-02-28)", "-"),
        ("التاريخ:12 كانون الثاني 2025", "2025-01-12..2025-01-12", "-"),
        ('تاريخ:"جانفي 2017"', "2017-01-01..2017-01-31", "-"),
        ("التاريخ:2015-07-21..2015-07-23", "2015-07-21..2015-07-23", "-"),
        ("التاريخ:2015..", "2015-01-01..", "-"),
        ("التاريخ:..2015-07", "..2015-07-31", "-"),
        ("-التاريخ:2015 وزير", "(وزير & !2015-01-01..2015-12-31)", "-"),
        ("14:00", "14:00", "-"),
        ("-", "none", "-"),
        ("؟!", "none", "-"),
        ("في من", "none", "-"),
    ],
)
def test_trees(text: str, tree: str, further: str) -> None:
    parsed = parse(text)
    assert formatted(parsed.query) == tree
    assert formatted(parsed.partial) == further


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("وزير", []),
        ("وزير في الرياض", [NoteKind.STOP_WORDS]),
        ("في من", [NoteKind.STOP_WORDS, NoteKind.NOTHING_SEARCHABLE]),
        ('"في من"', []),
        ("=من", []),
        ("مهرجان كان", [NoteKind.STOP_WORDS]),
        ('"مهرجان كان"', []),
        ("آل ثاني", []),
        ('"من هو', [NoteKind.UNCLOSED_QUOTE]),
        ("؟", [NoteKind.NOTHING_SEARCHABLE]),
        ("-وزير", [NoteKind.ONLY_EXCLUDED]),
        ('"وزير الخارجية', [NoteKind.UNCLOSED_QUOTE]),
        ("“وزير الخارجية", [NoteKind.UNCLOSED_QUOTE]),
        ("وزير الخارجية«", [NoteKind.UNCLOSED_QUOTE]),
        ("»وزير الخارجية", [NoteKind.UNREAD_SIGN]),
        ("وزير الخارجية»", [NoteKind.UNREAD_SIGN]),
        ("وزير الخارجية”", [NoteKind.UNREAD_SIGN]),
        ("''وزير الخارجية", [NoteKind.UNREAD_SIGN]),
        ("»وزير« الخارجية", []),
        ("الكاتب: سعاد", [NoteKind.SPACED_FIELD]),
        ("الكاتب : سعاد", [NoteKind.SPACED_FIELD]),
        ("الكاتب :سعاد", [NoteKind.SPACED_FIELD]),
        ("author: سعاد", [NoteKind.SPACED_FIELD]),
        ("-الكَاتِب: سعاد", [NoteKind.SPACED_FIELD]),
        ("الرياض: سعاد", []),
        ("سعاد :الرياض", []),
        ("الكاتب سعاد: الرياض", []),
        ("العنوون:وزير", [NoteKind.UNKNOWN_FIELD]),
        ("https://example.org/a", []),
        ("التاريخ:أمس-الأول", [NoteKind.UNREADABLE_DATE]),
        ("تاريخ:32/13", [NoteKind.UNREADABLE_DATE]),
        ("14:00", []),
    ],
)
def test_notes_report_what_was_not_searched_as_typed(text: str, kinds: list[NoteKind]) -> None:
    assert [note.kind for note in parse(text).notes] == kinds


def test_invalid_syntax_is_searched_as_words() -> None:
    assert "وزير" in formatted(parse("العنوون:وزير").query)
    assert formatted(parse('"وزير الخارجية').query) == '"وزير@0 الخارجية@1"'


def test_a_note_has_its_position_in_the_query() -> None:
    note = next(note for note in parse("قطر العنوون:وزير").notes if note.kind is NoteKind.UNKNOWN_FIELD)
    assert (note.text, note.position) == ("العنوون", 4)


def test_the_words_of_a_phrase_are_searched_as_typed() -> None:
    phrase = parse('"مجلس الأمن"').query
    assert isinstance(phrase, Phrase)
    assert {alternative.level for term in phrase.terms for alternative in term.alternatives} == {Level.EXACT}


@pytest.mark.parametrize(
    ("match", "levels"), [(Level.EXACT, {Level.EXACT}), (Level.CLITIC, {Level.EXACT, Level.CLITIC})]
)
def test_match_is_the_widest_level_counted(match: Level, levels: set[Level]) -> None:
    term = counted(parse("والكتاب").query, match)
    assert isinstance(term, Term)
    assert {alternative.level for alternative in term.alternatives} == levels


@pytest.mark.parametrize(
    ("text", "single"),
    [
        ("وزير", True), ("الوزير", True), ('"مجلس الأمن"', True), ("كت*", True), ("=وزير", True), ("3×وزير", True),
        ("من وزير إلى", True), ("وزير -كتاب", True), ("وزير المصدر:سبق", True), ("العنوان:وزير", True),
        ("جذر:كتب", True), ("وزير وزير", True), ("", False), ("-وزير", False), ("وزير كتاب", False),
        ("وزير أو كتاب", False), ("وزير قرب كتاب", False), ('"مجلس الأمن" وزير', False), ("المصدر:سبق", False),
    ],
)  # fmt: skip
def test_a_query_of_one_content_word_is_told(text: str, single: bool) -> None:  # noqa: FBT001 - a column of the table
    assert parse(text).single is single


@pytest.mark.parametrize("text", ["كره", '"كره"', "العنوان:كره", "كره -كتاب"])
def test_the_only_word_is_known_in_the_letters_typed(text: str) -> None:
    typed = parse(text).typed
    assert isinstance(typed, Term)
    assert {(alternative.field, alternative.term) for alternative in typed.alternatives} == {
        (TokenField.WRITTEN, "كره")
    }


@pytest.mark.parametrize("text", ["=كره", '"كره شديد"', "كر*", "كره شديد", "جذر:كره"])
def test_other_queries_have_no_word_in_the_letters_typed(text: str) -> None:
    assert parse(text).typed is None


@pytest.mark.parametrize(("words", "needed"), [(1, 1), (2, 2), (3, 3), (4, 3), (7, 3), (8, 4), (12, 5)])
def test_long_queries_need_a_quorum(words: int, needed: int) -> None:
    assert quorum(words) == needed


@pytest.mark.parametrize("words", range(4, MAX_WORDS + 1))
def test_a_long_query_needs_two_fifths_of_its_words_and_never_fewer_than_three(words: int) -> None:
    made_up = [f"زقن{one}{two}" for one, two in itertools.product("بتدرسط", repeat=2)]
    query = parse(" ".join(made_up[:words])).query
    assert isinstance(query, Or)
    assert len(query.children) == words
    assert query.minimum >= max(3, words * 2 / 5)


@pytest.mark.parametrize(("words", "needed"), [(1, 1), (2, 1), (3, 2), (5, 2), (6, 3), (12, 5)])
def test_questions_need_a_share_of_their_words(words: int, needed: int) -> None:
    assert quorum(words, question=True) == needed


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("ما هو وزن ذكر الأسد؟", 2),
        ("ما هو وزن ذكر الأسد", 2),
        ("وزن ذكر الأسد ؟", 2),
        ("أين تقع القاهرة الفاطمية", 2),
        ("وزن ذكر الأسد", 3),
        ("من القاهرة الفاطمية القديمة", 3),
    ],
)
def test_a_question_ends_with_a_question_mark_or_begins_with_an_interrogative(text: str, needed: int) -> None:
    query = parse(text).query
    assert isinstance(query, And | Or)
    assert (query.minimum if isinstance(query, Or) else len(query.children)) == needed


@pytest.mark.parametrize(
    ("text", "further"),
    [
        ('طيار "تائه" يهبط بمروحيته', "(طيار | يهبط | بمروحيته | تائه)>=1"),
        ("دي خيا «الحائط مسدود»", "(دي | خيا | الحائط | مسدود)>=1"),
        ('طيار +"تائه" يهبط بمروحيته', "((طيار | يهبط | بمروحيته)>=1 & تائه)"),
        ('طيار العنوان:"تائه" يهبط بمروحيته', "((طيار | يهبط | بمروحيته)>=1 & تائه.title)"),
        ('وزير "مجلس الأمن"', "-"),
        ('"مجلس الأمن الدولي الجديد"', "-"),
    ],
)
def test_what_a_pasted_headline_quotes_may_be_missing_from_further_articles(text: str, further: str) -> None:
    parsed = parse(text)
    assert formatted(parsed.partial) == further
    assert "&" in formatted(parsed.query) or parsed.partial is None, "matches have what is quoted"


def test_a_long_question_needs_a_quorum_of_its_words() -> None:
    text = "وزير خارجية روسيا زار مدينة القاهرة مساء"
    query = parse(text).query
    assert isinstance(query, Or)
    assert (len(query.children), query.minimum) == (7, 3)


def test_words_are_numbered_in_order() -> None:
    parsed = parse('قطر "مجلس الأمن" وزير')
    assert isinstance(parsed.query, And)
    free, phrase = parsed.query.children
    assert isinstance(free, And)
    assert isinstance(phrase, Phrase)
    assert [term.word for term in free.children if isinstance(term, Term)] == [0, 3]
    assert [term.word for term in phrase.terms] == [1, 2]


def test_words_beyond_the_limit_are_dropped_with_a_note() -> None:
    words = [f"{number}" for number in range(1000, 1000 + MAX_WORDS + 5)]
    parsed = parse(" ".join(words))
    assert isinstance(parsed.query, Or)
    assert len(parsed.query.children) == MAX_WORDS
    assert parsed.notes[-1].kind is NoteKind.TOO_MANY_WORDS
    assert parsed.notes[-1].text.split() == words[MAX_WORDS:]


def test_an_excluded_source_is_not_a_selected_one() -> None:
    parsed = parse("وزير -المصدر:okaz")
    assert isinstance(parsed.query, And)
    assert Not(FacetFilter(FacetField.SOURCE, ("okaz",))) in parsed.query.children


@given(
    text=st.text(
        st.one_of(st.sampled_from('"«»“”-:.()*=+ \u200f\u0640و'), st.characters()),
        max_size=60,
    )
)
def test_no_text_raises(text: str) -> None:
    parsed = parse(text)
    assert parsed.query is not None


HOSTILE = ['"' * 1000, "-" * 1000, "a:" * 500, "تاريخ:1 " * 125, "«" * 1000, "ا" * 1000, '-"' * 500]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_parsed_in_linear_time(text: str) -> None:
    """A step with more than linear time would not end within the time-out of the tests."""
    assert len(text) <= MAX_QUERY_LENGTH
    assert parse(text).query is not None


def test_days_are_those_of_the_calendar() -> None:
    query = parse("date:2024-02").query
    assert query == DateRange(dt.date(2024, 2, 1), dt.date(2024, 2, 29))


@pytest.mark.parametrize("name", ["AT&T", "Bed&The", "Me&With", "The&Co", "PG&E", "Johnson&Johnson", "A&E&B"])
def test_a_name_with_an_ampersand_is_a_phrase_also_of_stop_words(name: str) -> None:
    assert formatted(parse(name).query) == formatted(parse(f'"{name}"').query)
    assert parse(name).notes == parse(f'"{name}"').notes
