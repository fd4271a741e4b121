"""The read path from request to result, on real articles."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from index.schema import FacetField, Level
from search.levels import Tier
from search.request import DateSelection, SearchRequest, Sort
from search.results import SearchResult
from search.service import SearchService

SEED_IDS = {f"00{number}" for number in range(5)}


def ids(result: SearchResult) -> list[str]:
    return [hit.document.id for hit in result.hits]


def seeds(result: SearchResult) -> set[str]:
    return {document_id[:3] for document_id in ids(result)} & SEED_IDS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("كتاب", {"exact", "clitic", "marks"}),
        ("والكتاب", {"exact", "clitic", "marks"}),
        ("الْكِتَابُ", {"exact", "clitic", "marks"}),
        ("كتـــاب", {"exact", "clitic", "marks"}),
        ("وزير", {"name", "milk"}),
        ("الوزير", {"name", "milk"}),
        ("لبنان", {"name"}),
        ("لبن", {"milk"}),
        ("cnn", {"latin"}),
        ("resume", {"latin"}),
        ("2010", {"latin"}),
        ("٢٠١٠", {"latin"}),
        ("14:00", {"latin"}),
        ("السعودية", {"latin"}),
        ("محمد", {"marks"}),
        ("إن", set()),
    ],
)
def test_words_match_whatever_their_script_diacritics_and_clitics(
    service: SearchService, text: str, found: set[str]
) -> None:
    result = service.search(SearchRequest(text=text))
    assert set(ids(result)) - {document_id for document_id in ids(result) if document_id[:3] in SEED_IDS} == found


def test_putin_is_in_all_five_seeds(service: SearchService) -> None:
    assert seeds(service.search(SearchRequest(text="بوتين"))) == SEED_IDS


def test_the_word_itself_ranks_before_the_word_with_clitics(service: SearchService) -> None:
    result = service.search(SearchRequest(text="كتاب"))
    levels = [hit.match.level for hit in result.hits]
    assert levels[:3] == [Level.EXACT, Level.CLITIC, Level.CLITIC]
    assert set(levels[3:]) <= {Level.LEMMA, Level.FAMILY, Level.ROOT}
    assert result.hits[0].document.id == "exact"


def test_match_exact_leaves_the_clitics_out(service: SearchService) -> None:
    assert ids(service.search(SearchRequest(text="كتاب", match=Level.EXACT, further=False))) == ["exact"]


def test_an_empty_query_browses_everything_newest_first(service: SearchService) -> None:
    result = service.search(SearchRequest())
    assert result.total == 11
    days = [hit.document.published for hit in result.hits]
    dated = [day for day in days if day is not None]
    assert dated == sorted(dated, reverse=True)
    assert days[len(dated) :] == [None] * (len(days) - len(dated))
    assert all(hit.match.level is None and not hit.match.words for hit in result.hits)


def test_oldest_is_the_reverse_order_with_undated_articles_still_last(service: SearchService) -> None:
    result = service.search(SearchRequest(sort=Sort.OLDEST))
    assert result.hits[0].document.id == "marks"
    assert result.hits[-1].document.published is None


def test_further_documents_follow_the_matches_and_are_labelled(service: SearchService) -> None:
    result = service.search(SearchRequest(text="وزير لبنان"))
    assert (result.total, len(result.hits)) == (1, 1 + result.further)
    assert [hit.match.tier for hit in result.hits] == [Tier.MATCH] + [Tier.PARTIAL] * result.further
    assert ids(result)[0] == "name"
    assert "milk" in ids(result)[1:]


def test_a_hit_lists_its_matching_forms(service: SearchService) -> None:
    hit = next(hit for hit in service.search(SearchRequest(text="كتاب")).hits if hit.document.id == "clitic")
    assert hit.match.words == ("الكتاب", "وبالكتاب")
    assert hit.match.levels == (Level.CLITIC, Level.CLITIC)


def test_the_level_of_a_hit_holds_for_every_word(service: SearchService) -> None:
    hit = service.search(SearchRequest(text="وزير لبنان")).hits[0]
    assert hit.match.level is Level.CLITIC


ASKED = ["", "كتاب", "بوتين", "وزير لبنان", '"الشرق الأوسط"', "اتصال هاتفي ترامب", "روسيا -بوتين", "cnn", "فوردو"]


@pytest.mark.parametrize("text", ASKED)
def test_snippets_are_the_article_and_marks_are_whole_words(service: SearchService, text: str) -> None:
    for hit in service.search(SearchRequest(text=text)).hits:
        for snippet in hit.snippets:
            assert snippet.text
            assert snippet.text == snippet.text.strip()
            assert snippet.text in hit.document.text
            for mark in snippet.marks:
                around = snippet.text[max(0, mark.start - 1) : mark.start] + snippet.text[mark.end : mark.end + 1]
                assert not any(letter.isalpha() for letter in around)
        for mark in hit.title_marks:
            assert 0 <= mark.start < mark.end <= len(hit.title)


@pytest.mark.parametrize("text", [text for text in ASKED if text])
def test_a_hit_shows_its_matches(service: SearchService, text: str) -> None:
    for hit in service.search(SearchRequest(text=text)).hits:
        assert any(snippet.marks for snippet in hit.snippets) or hit.title_marks


def test_untitled_articles_show_their_opening_words_as_an_inferred_title(service: SearchService) -> None:
    titles = {hit.document.id[:3]: hit for hit in service.search(SearchRequest(text="بوتين")).hits}
    assert titles["002"].title == "مكالمة هاتفية بين ترامب وبوتين.. هذا ما دار فيها"
    assert not titles["002"].title_inferred
    untitled = titles["004"]
    assert untitled.title_inferred
    assert untitled.document.text.startswith(untitled.title)
    assert len(untitled.title) <= 90


def test_teaser_lines_are_searchable_but_shown_only_when_nothing_else_can_be(service: SearchService) -> None:
    (hit,) = service.search(SearchRequest(text="فوردو")).hits
    assert [snippet.field for snippet in hit.snippets] == ["teaser"]
    for other in service.search(SearchRequest(text="أوكرانيا")).hits:
        assert all("من نفس التصنيف" not in snippet.text for snippet in other.snippets)
        assert all("شوف كمان" not in snippet.text for snippet in other.snippets)


def test_matches_that_no_snippet_shows_are_counted(service: SearchService) -> None:
    for hit in service.search(SearchRequest(text="بوتين")).hits:
        marked = sum(len(snippet.marks) for snippet in hit.snippets)
        assert hit.snippets[-1].more == hit.document.text.count("بوتين") - marked


def follow(request: SearchRequest, field: FacetField, value: str) -> SearchRequest:
    return SearchRequest(text=request.text, match=request.match, selected={field: (value,)})


@pytest.mark.parametrize("text", ASKED)
def test_every_facet_count_is_the_total_after_following_it(service: SearchService, text: str) -> None:
    request = SearchRequest(text=text)
    result = service.search(request)
    for facet in result.facets:
        for value in facet.values:
            assert service.search(follow(request, facet.field, value.value)).total == value.count
    assert result.histogram
    for bucket in result.histogram.buckets:
        days = DateSelection(bucket.first, bucket.last)
        assert service.search(SearchRequest(text=text, dates=days)).total == bucket.count
    unknown = service.search(SearchRequest(text=text, dates=DateSelection(unknown=True)))
    assert unknown.total == result.histogram.unknown


def test_selecting_in_one_facet_keeps_its_own_counts_and_narrows_the_others(service: SearchService) -> None:
    before = service.search(SearchRequest())
    after = service.search(SearchRequest(selected={FacetField.SOURCE: ("a",)}))
    by_field = {facet.field: facet for facet in after.facets}
    assert by_field[FacetField.SOURCE].values == before.facets[0].values
    assert after.histogram
    assert after.total == sum(bucket.count for bucket in after.histogram.buckets) + after.histogram.unknown


def test_facets_that_are_not_asked_for_are_not_counted(service: SearchService) -> None:
    whole = service.search(SearchRequest(text=ASKED[0]))
    none = service.search(SearchRequest(text=ASKED[0], facets=()))
    assert (none.facets, none.histogram, none.forms) == ((), None, None)
    assert (none.total, none.levels, none.hits) == (whole.total, whole.levels, whole.hits)
    some = service.search(SearchRequest(text=ASKED[0], facets=("agency", "form"), per_page=0))
    assert [facet.field for facet in some.facets] == [FacetField.AGENCY]
    assert (some.histogram, some.forms, some.hits) == (None, whole.forms, ())


def test_a_source_can_be_typed_by_its_name(service: SearchService) -> None:
    by_name = service.search(SearchRequest(text='المصدر:"الوكالة الثانية"'))
    assert set(ids(by_name)) == {"name", "latin"}


def test_a_date_range_leaves_the_undated_out(service: SearchService) -> None:
    days = DateSelection(dt.date(2024, 1, 1), dt.date(2024, 12, 31))
    assert set(ids(service.search(SearchRequest(dates=days)))) == {"exact", "clitic", "name"}


def test_pages_walk_all_hits_once(service: SearchService) -> None:
    everything = ids(service.search(SearchRequest(text="ترامب روسيا كتاب", per_page=100)))
    pages = [ids(service.search(SearchRequest(text="ترامب روسيا كتاب", page=page, per_page=2))) for page in range(1, 7)]
    assert list(itertools.chain(*pages)) == everything
    assert len(set(everything)) == len(everything)


def test_the_probe_runs_a_real_query(service: SearchService) -> None:
    probe = service.probe()
    assert probe.ok
    assert (probe.documents, probe.detail) == (11, "")


def test_an_unknown_article_is_none(service: SearchService) -> None:
    assert service.article("nowhere") is None
    stored = service.article("exact")
    assert stored is not None
    assert stored.document.title == "كتاب جديد"
