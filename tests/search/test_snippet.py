"""Snippets and headings: their borders and their marks."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.arabic.tokenizer import MAX_TOKEN_LENGTH
from index.analysis.installed import load_analyzer
from index.analysis.tokens import AnalyzedText
from index.document import Document, Evidence, Span, StoredDocument, TokenOffsets
from index.schema import Level, Section
from search.engine import MatchPosition
from search.snippet import (
    HEADING_LENGTH,
    MAX_LENGTH,
    Passages,
    all_marks,
    heading_span,
    passages,
)


def analyzed(document: Document) -> dict[Section, AnalyzedText]:
    analyzer = load_analyzer()
    return {Section.TITLE: analyzer.analyze(document.title), Section.BODY: analyzer.analyze(document.text)}


def stored(document: Document, sections: Mapping[Section, AnalyzedText], *, arrays: bool = False) -> StoredDocument:
    """Return an article as an engine returns it; if `arrays`, its offsets are numpy arrays."""
    offsets = {
        section: TokenOffsets(np.asarray(text.starts), np.asarray(text.ends))
        if arrays
        else TokenOffsets(text.starts, text.ends)
        for section, text in sections.items()
    }
    return StoredDocument(document, offsets)


def matches(sections: Mapping[Section, AnalyzedText], *words: str) -> list[MatchPosition]:
    """Return the distinct tokens that begin with one of `words`."""
    return [
        MatchPosition(section, token.position, number, Level.EXACT)
        for section, text in sections.items()
        for token in text.tokens()
        for number, word in enumerate(words)
        if token.text.startswith(word)
    ]


def passages_of(document: Document, *words: str) -> Passages:
    """Return the passages of an article in which the tokens that begin with one of `words` match."""
    sections = analyzed(document)
    return passages(stored(document, sections), matches(sections, *words))


SENTENCES = [f"هذه جملة رقمها {number} وفيها كلام كثير عن أمور شتى." for number in range(40)]


def test_a_snippet_begins_and_ends_with_sentences() -> None:
    text = " ".join([*SENTENCES[:20], "ثم جاء الملك.", *SENTENCES[20:]])
    (snippet,) = passages_of(Document("1", text), "الملك").snippets
    assert snippet.text.startswith("هذه جملة")
    assert snippet.text.endswith(".")
    assert not snippet.before
    assert not snippet.after


def test_a_snippet_cut_inside_a_sentence_says_so() -> None:
    text = "كلمة " * 200 + "الملك " + "كلمة " * 200
    (snippet,) = passages_of(Document("1", text), "الملك").snippets
    assert snippet.before
    assert snippet.after
    assert len(snippet.text) <= MAX_LENGTH


def test_the_passage_with_the_words_together_is_preferred() -> None:
    text = " ".join(["الملك وحده.", *SENTENCES[:20], "استقبل الملك الوزير.", *SENTENCES[20:], "الوزير وحده."])
    snippets = passages_of(Document("1", text), "الملك", "الوزير").snippets
    assert len(snippets) == 1
    assert "استقبل الملك الوزير" in snippets[0].text
    assert snippets[0].more == 2


def test_words_far_apart_get_a_snippet_each_in_text_order() -> None:
    text = " ".join([*SENTENCES[:10], "الوزير هنا.", *SENTENCES[10:], "الملك هناك."])
    snippets = passages_of(Document("1", text), "الملك", "الوزير").snippets
    assert [("الوزير" in snippet.text, "الملك" in snippet.text) for snippet in snippets] == [
        (True, False),
        (False, True),
    ]


def test_no_passage_runs_into_a_teaser() -> None:
    text = "بداية الخبر عن الملك.\nاقرأ أيضا: خبر آخر عن الملك\nتتمة الخبر."
    teaser = Span(text.index("اقرأ"), text.index("تتمة"))
    (snippet,) = passages_of(Document("1", text, teasers=(teaser,)), "الملك").snippets
    assert snippet.text == "بداية الخبر عن الملك."
    assert snippet.more == 1


def test_lines_that_repeat_the_metadata_are_shown_only_if_there_are_no_others() -> None:
    text = "عنوان عن الملك\nتاريخ النشر: 12 فبراير 2025\nقال الملك كلاما."
    evidence = (Evidence("published", "2025-02-12", "تاريخ النشر: 12 فبراير 2025"),)
    document = Document("1", text, title="عنوان عن الملك", evidence=evidence)
    assert passages_of(document, "الملك").snippets[0].text == "قال الملك كلاما."
    assert passages_of(document).snippets[0].text == "قال الملك كلاما."
    assert passages_of(document, "النشر").snippets[0].text == "تاريخ النشر: 12 فبراير 2025"


def test_an_article_without_matches_shows_its_opening_after_the_heading() -> None:
    text = "قال الوزير كلاما مهما في الصباح الباكر أمام الصحفيين، ثم غادر المدينة. ولم يعد."
    result = passages_of(Document("1", text))
    assert result.title == "قال الوزير كلاما مهما في الصباح الباكر أمام الصحفيين، ثم غادر المدينة"
    assert result.title_inferred
    assert result.snippets[0].text == "ولم يعد."


def test_marks_of_the_opening_words_are_marks_of_the_title() -> None:
    result = passages_of(Document("1", "استقبل الملك الوزير. ثم ودعه."), "الملك")
    assert [result.title[mark.start : mark.end] for mark in result.title_marks] == ["الملك"]


def test_words_of_one_sign_have_one_mark() -> None:
    document = Document("1", "قال النبي ﷺ كلاما.")
    sections = analyzed(document)
    found = matches(sections, "صلى", "الله")
    assert len(found) == 2
    (snippet,) = passages(stored(document, sections), found).snippets
    assert [snippet.text[mark.start : mark.end] for mark in snippet.marks] == ["ﷺ"]
    assert len(all_marks(stored(document, sections), found).text) == 1


def test_a_title_only_article_has_no_snippet() -> None:
    assert passages_of(Document("1", "", title="عنوان")).snippets == ()
    assert passages_of(Document("1", " \n ", title="عنوان")).snippets == ()


def test_a_heading_is_never_a_teaser() -> None:
    text = "شوف كمان: خبر\nبداية الخبر."
    span = heading_span(text, (Span(0, text.index("بداية")),))
    assert text[span.start : span.end] == "بداية الخبر"


def test_a_very_long_article_with_many_matches_is_cut_all_the_same() -> None:
    text = "الملك قال كلمة. " * 100_000
    (snippet,) = passages_of(Document("1", text), "الملك").snippets
    assert len(snippet.text) <= MAX_LENGTH
    assert snippet.more == 100_000 - len(snippet.marks)


@given(
    text=st.text(st.sampled_from('ملك وزير.،؟!\n \t"«»a1\u0651'), max_size=400),
    title=st.sampled_from(["", "ملك"]),
    bounds=st.lists(st.integers(0, 400), max_size=4),
)
def test_whatever_the_text_snippets_are_slices_with_marks_inside(text: str, title: str, bounds: list[int]) -> None:
    borders = sorted({bound for bound in bounds if bound <= len(text)})
    teasers = tuple(Span(begin, end) for begin, end in zip(borders[::2], borders[1::2], strict=False))
    result = passages_of(Document("1", text, title=title, teasers=teasers), "ملك", "وزير")
    assert len(result.title) <= max(HEADING_LENGTH, len(title))
    for snippet in result.snippets:
        assert snippet.text in text
        assert snippet.more >= 0
        for mark in snippet.marks:
            assert 0 <= mark.start < mark.end <= len(snippet.text)


def test_adjacent_words_are_preferred_to_distant_ones() -> None:
    apart = "جاء الملك إلى القاعة في ساعة متأخرة من الليل ثم وصل بعده الوزير."
    text = " ".join([apart, *SENTENCES[:20], "استقبل الملك الوزير.", *SENTENCES[20:]])
    (snippet,) = passages_of(Document("1", text), "الملك", "الوزير").snippets
    assert "استقبل الملك الوزير" in snippet.text


def test_the_closest_level_is_preferred_if_all_else_is_equal() -> None:
    text = " ".join(["جاء الملوك.", *SENTENCES[:20], "جاء الملك.", *SENTENCES[20:]])
    document = Document("1", text)
    sections = analyzed(document)
    levels = {"الملوك": Level.LEMMA, "الملك": Level.EXACT}
    found = [
        MatchPosition(Section.BODY, token.position, 0, levels[token.text])
        for token in sections[Section.BODY].tokens()
        if token.text in levels
    ]
    (snippet,) = passages(stored(document, sections), found).snippets
    assert "جاء الملك." in snippet.text


@pytest.mark.parametrize("mark", ["،", "؛", "؟", ":", "!", "…", ".»", '؟"'])
def test_a_snippet_ends_at_the_strongest_border_within_reach(mark: str) -> None:
    text = "الملك " + "كلمة " * 40 + f"آخر{mark} " + "كلمة " * 60
    (snippet,) = passages_of(Document("1", text), "الملك").snippets
    assert snippet.text.endswith(f"آخر{mark}")
    assert snippet.after == (mark in "،؛:")


def test_a_sentence_is_a_stronger_border_than_a_later_clause() -> None:
    text = "الملك " + "كلمة " * 30 + "آخر؟ " + "كلمة " * 8 + "ثم، " + "كلمة " * 60
    (snippet,) = passages_of(Document("1", text), "الملك").snippets
    assert snippet.text.endswith("آخر؟")


def test_a_teaser_between_two_words_separates_their_snippets() -> None:
    text = "قال الملك كلاما.\nاقرأ أيضا: خبر آخر\nثم جاء الوزير."
    teaser = Span(text.index("اقرأ"), text.index("ثم"))
    snippets = passages_of(Document("1", text, teasers=(teaser,)), "الملك", "الوزير").snippets
    assert [snippet.text for snippet in snippets] == ["قال الملك كلاما.", "ثم جاء الوزير."]


def test_a_long_teaser_is_shown_around_the_word() -> None:
    text = "كلمة " * 500 + "الملك " + "كلمة " * 500
    (snippet,) = passages_of(Document("1", text, teasers=(Span(0, len(text)),)), "الملك").snippets
    assert (snippet.field, len(snippet.marks), snippet.before, snippet.after) == ("teaser", 1, True, True)
    assert len(snippet.text) <= MAX_LENGTH


def test_no_mark_lies_between_joined_letters() -> None:
    # a run of letters that exceeds the length of a token continues in the next one
    document = Document("1", "ملكوت" * 52 + " قال ملكوت.")
    sections = analyzed(document)
    found = matches(sections, "ملك")
    assert len(found) == 3
    (snippet,) = passages(stored(document, sections), found).snippets
    assert [snippet.text[mark.start - 1 : mark.end] for mark in snippet.marks] == [" ملكوت"]
    assert len(all_marks(stored(document, sections), found).text) == 1


def test_long_words_in_a_row_do_not_make_a_long_snippet() -> None:
    text = "\n".join(f"الملك{'ر' * 30} وزير{'ر' * 30}" for _ in range(40))
    (snippet,) = passages_of(Document("1", text, title="عنوان"), "الملك", "وزير").snippets
    assert len(snippet.text) <= MAX_LENGTH
    assert len(snippet.marks) >= 2


def test_snippets_side_by_side_do_not_overlap() -> None:
    words = [f"س{number}" for number in range(400)]
    words[200], words[235] = "الملك", "الوزير"
    first, second = passages_of(Document("1", " ".join(words), title="عنوان"), "الملك", "الوزير").snippets
    assert ("الملك" in first.text, "الوزير" in second.text) == (True, True)
    assert not set(first.text.split()) & set(second.text.split())


def test_a_word_with_one_match_among_thousands_of_others_is_shown() -> None:
    text = "قال الملك كلاما. " * 5_000 + "جاء الوزير. " + "قال الملك كلاما. " * 5_000
    (snippet,) = passages_of(Document("1", text), "الملك", "الوزير").snippets
    assert "جاء الوزير." in snippet.text
    assert snippet.more == 10_001 - len(snippet.marks)


def test_the_only_line_that_is_not_a_teaser_is_found_among_thousands() -> None:
    line = "اقرأ أيضا: الملك يقول\n"
    text = line * 2_000 + "قال الملك كلاما.\n" + line * 2_000
    bounds = [number * len(line) for number in range(2_001)]
    second = bounds[-1] + len("قال الملك كلاما.\n")
    teasers = [Span(begin, begin + len(line)) for begin in [*bounds[:-1], *(second + bound for bound in bounds[:-1])]]
    (snippet,) = passages_of(Document("1", text, teasers=tuple(teasers)), "الملك").snippets
    assert (snippet.field, snippet.text, snippet.more) == ("body", "قال الملك كلاما.", 4_000)


@pytest.mark.parametrize("piece", [" ", ".", "! ", "كلمة", "الملك،", "\n", "«"])
def test_hostile_shapes_are_cut_to_the_same_length(piece: str) -> None:
    (snippet,) = passages_of(Document("1", f"{piece * 50_000} الملك {piece * 50_000}"), "الملك").snippets
    assert len(snippet.text) <= MAX_LENGTH
    assert "الملك" in [snippet.text[mark.start : mark.end] for mark in snippet.marks]


def test_all_marks_are_every_match_of_title_and_text() -> None:
    document = Document("1", "قال الملك. " * 3 + "الملكة", title="الملك")
    sections = analyzed(document)
    marks = all_marks(stored(document, sections), matches(sections, "الملك"))
    assert [document.title[mark.start : mark.end] for mark in marks.title] == ["الملك"]
    assert [document.text[mark.start : mark.end] for mark in marks.text] == ["الملك"] * 3 + ["الملكة"]


def test_all_marks_of_many_matches_are_those_of_few() -> None:
    document = Document("1", "قال الملك. " * 3_000)
    sections = analyzed(document)
    marks = all_marks(stored(document, sections), matches(sections, "الملك")).text
    assert len(marks) == 3_000
    assert {document.text[mark.start : mark.end] for mark in marks} == {"الملك"}
    assert list(marks) == sorted(marks)


PIECES = [
    "الملك", "وزير", "الملكة", "كلمة", "قال", "مُحَمَّد", "CNN", "٢٠١٠", "\U0001f600", "«", "»", "ـ", *" \n\t،؛:.؟!…",
    "\n\n", ". ", "، ", "كلمة " * 30, "جذر" * 100, "https://example.org/" + "a" * 200,
    "\N{NO-BREAK SPACE}", "\N{RIGHT-TO-LEFT MARK}",
]  # fmt: skip


@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=80),
    title=st.sampled_from(["", "ملك", "الملك والوزير", "كلمة"]),
    lines=st.sets(st.integers(0, 20), max_size=5),
    arrays=st.booleans(),
)
def test_every_promise_of_snippets_holds_for_any_text(
    pieces: list[str], title: str, lines: set[int], *, arrays: bool
) -> None:
    text = "".join(pieces)
    bounds = [0, *(end.end() for end in re.finditer("\n", text))]
    teasers = tuple(
        Span(*line) for number, line in enumerate(itertools.pairwise(bounds)) if number in lines and line[0] < line[1]
    )
    document = Document("1", text, title=title, teasers=teasers)
    sections = analyzed(document)
    found = matches(sections, "الملك", "وزير", "كلمة")
    result = passages(stored(document, sections, arrays=arrays), found)
    tokens = {token.text for token in sections[Section.BODY].tokens()}
    longest = max([len(token) for token in tokens], default=0)
    body = [match for match in found if match.section is Section.BODY]
    cursor = 0
    for snippet in result.snippets:
        # slices of the text in its order, without overlap, bounded
        cursor = text.index(snippet.text, cursor) + len(snippet.text)
        assert 0 < len(snippet.text) <= max(MAX_LENGTH, longest)
        assert snippet.text == snippet.text.strip()
        assert all(type(bound) is int for mark in snippet.marks for bound in mark[:2])
        # marks are whole tokens, ascending
        assert {snippet.text[mark.start : mark.end] for mark in snippet.marks} <= tokens
        assert all(one.end <= other.start for one, other in itertools.pairwise(snippet.marks))
        assert snippet.field == "body" or all(_in_teaser(document, sections, match) for match in body)
    if result.snippets:
        assert result.snippets[-1].more == len(body) - sum(len(snippet.marks) for snippet in result.snippets)
        assert not any(snippet.more for snippet in result.snippets[:-1])
    if body and longest < MAX_TOKEN_LENGTH:
        # (a run of letters that was cut into tokens has no marks)
        assert any(snippet.marks for snippet in result.snippets)
    everything = all_marks(stored(document, sections, arrays=arrays), found)
    assert {text[mark.start : mark.end] for mark in everything.text} <= tokens
    assert {mark.level for mark in everything.title} <= {Level.EXACT}


LINES = st.tuples(
    st.sampled_from(["الملك", "استقبل الملك الوزير.", "قال وزير", "كلمة " * 20, "وزير " * 80, "قال"]), st.booleans()
)


@given(lines=st.lists(LINES, min_size=1, max_size=10))
def test_no_passage_of_the_body_shares_a_letter_with_a_teaser(lines: list[tuple[str, bool]]) -> None:
    text, teasers = "", list[Span]()
    for number, (line, is_teaser) in enumerate(lines):
        start = len(text)
        text += f"{number}{line}\n"  # the number shows where a passage stands
        if is_teaser:
            teasers.append(Span(start, len(text)))
    for snippet in passages_of(Document("1", text, title="عنوان", teasers=tuple(teasers)), "الملك", "وزير").snippets:
        numbers = {int(number) for number in re.findall(r"\d+", snippet.text)}
        assert snippet.field == "teaser" or not any(lines[number][1] for number in numbers)


def _in_teaser(document: Document, sections: Mapping[Section, AnalyzedText], match: MatchPosition) -> bool:
    start = sections[match.section].starts[match.position]
    return any(line.start <= start < line.end for line in document.teasers)
