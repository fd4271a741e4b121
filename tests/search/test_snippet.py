"""Where snippets and headings begin and end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.analysis.pipeline import load_analyzer
from index.document import Document, Evidence, Span, StoredDocument, TokenOffsets
from index.schema import Level, Section
from search.engine import MatchPosition
from search.snippet import HEADING_LENGTH, SENTENCE_REACH, TARGET_LENGTH, Passages, heading_span, passages


def shown(document: Document, *words: str) -> Passages:
    """Return the passages of an article in which the tokens that begin with `words` were found."""
    analyzer = load_analyzer()
    sections = {Section.TITLE: analyzer.analyze(document.title), Section.BODY: analyzer.analyze(document.text)}
    found = [
        MatchPosition(section, token.position, number, Level.EXACT)
        for section, text in sections.items()
        for token in text.tokens()
        for number, word in enumerate(words)
        if token.text.startswith(word)
    ]
    offsets = {section: TokenOffsets(text.starts, text.ends) for section, text in sections.items()}
    return passages(StoredDocument(document, offsets), found)


SENTENCES = [f"هذه جملة رقمها {number} وفيها كلام كثير عن أمور شتى." for number in range(40)]


def test_a_snippet_begins_and_ends_with_sentences() -> None:
    text = " ".join([*SENTENCES[:20], "ثم جاء الملك.", *SENTENCES[20:]])
    (snippet,) = shown(Document("1", text), "الملك").snippets
    assert snippet.text.startswith("هذه جملة")
    assert snippet.text.endswith(".")
    assert not snippet.before
    assert not snippet.after


def test_a_snippet_cut_inside_a_sentence_says_so() -> None:
    text = "كلمة " * 200 + "الملك " + "كلمة " * 200
    (snippet,) = shown(Document("1", text), "الملك").snippets
    assert snippet.before
    assert snippet.after
    assert len(snippet.text) <= TARGET_LENGTH + SENTENCE_REACH


def test_the_place_where_the_words_stand_together_is_shown_first() -> None:
    text = " ".join(["الملك وحده.", *SENTENCES[:20], "استقبل الملك الوزير.", *SENTENCES[20:], "الوزير وحده."])
    snippets = shown(Document("1", text), "الملك", "الوزير").snippets
    assert len(snippets) == 1
    assert "استقبل الملك الوزير" in snippets[0].text
    assert snippets[0].more == 2


def test_words_that_stand_far_apart_get_a_snippet_each_in_text_order() -> None:
    text = " ".join([*SENTENCES[:10], "الوزير هنا.", *SENTENCES[10:], "الملك هناك."])
    snippets = shown(Document("1", text), "الملك", "الوزير").snippets
    assert [("الوزير" in snippet.text, "الملك" in snippet.text) for snippet in snippets] == [
        (True, False),
        (False, True),
    ]


def test_no_passage_runs_into_a_teaser() -> None:
    text = "بداية الخبر عن الملك.\nاقرأ أيضا: خبر آخر عن الملك\nتتمة الخبر."
    teaser = Span(text.index("اقرأ"), text.index("تتمة"))
    (snippet,) = shown(Document("1", text, teasers=(teaser,)), "الملك").snippets
    assert snippet.text == "بداية الخبر عن الملك."
    assert snippet.more == 1


def test_lines_that_repeat_the_metadata_are_not_shown_while_others_can_be() -> None:
    text = "عنوان عن الملك\nتاريخ النشر: 12 فبراير 2025\nقال الملك كلاما."
    evidence = (Evidence("published", "2025-02-12", "تاريخ النشر: 12 فبراير 2025"),)
    document = Document("1", text, title="عنوان عن الملك", evidence=evidence)
    assert shown(document, "الملك").snippets[0].text == "قال الملك كلاما."
    assert shown(document).snippets[0].text == "قال الملك كلاما."
    assert shown(document, "النشر").snippets[0].text == "تاريخ النشر: 12 فبراير 2025"


def test_an_article_without_matches_shows_its_opening_behind_the_heading() -> None:
    text = "قال الوزير كلاما مهما في الصباح الباكر أمام الصحفيين، ثم غادر المدينة. ولم يعد."
    result = shown(Document("1", text))
    assert result.title == "قال الوزير كلاما مهما في الصباح الباكر أمام الصحفيين، ثم غادر المدينة"
    assert result.title_inferred
    assert result.snippets[0].text == "ولم يعد."


def test_marks_of_the_opening_words_are_marks_of_the_title() -> None:
    result = shown(Document("1", "استقبل الملك الوزير. ثم ودعه."), "الملك")
    assert [result.title[mark.start : mark.end] for mark in result.title_marks] == ["الملك"]


def test_a_title_only_article_has_no_snippet() -> None:
    assert shown(Document("1", "", title="عنوان")).snippets == ()
    assert shown(Document("1", " \n ", title="عنوان")).snippets == ()


def test_a_heading_is_never_a_teaser() -> None:
    text = "شوف كمان: خبر\nبداية الخبر."
    span = heading_span(text, (Span(0, text.index("بداية")),))
    assert text[span.start : span.end] == "بداية الخبر"


def test_a_very_long_article_with_many_matches_is_cut_all_the_same() -> None:
    text = "الملك قال كلمة. " * 100_000
    (snippet,) = shown(Document("1", text), "الملك").snippets
    assert len(snippet.text) <= TARGET_LENGTH + SENTENCE_REACH
    assert snippet.more == 100_000 - len(snippet.marks)


@given(
    text=st.text(st.sampled_from('ملك وزير.،؟!\n \t"«»a1\u0651'), max_size=400),
    title=st.sampled_from(["", "ملك"]),
    bounds=st.lists(st.integers(0, 400), max_size=4),
)
def test_whatever_the_text_snippets_are_slices_with_marks_inside(text: str, title: str, bounds: list[int]) -> None:
    places = sorted({bound for bound in bounds if bound <= len(text)})
    teasers = tuple(Span(begin, end) for begin, end in zip(places[::2], places[1::2], strict=False))
    result = shown(Document("1", text, title=title, teasers=teasers), "ملك", "وزير")
    assert len(result.title) <= max(HEADING_LENGTH, len(title))
    for snippet in result.snippets:
        assert snippet.text in text
        assert snippet.more >= 0
        for mark in snippet.marks:
            assert 0 <= mark.start < mark.end <= len(snippet.text)
