"""How a hit matches: its level, the matching forms, lemma and root."""

from __future__ import annotations

from index.analysis.installed import load_analyzer
from index.document import Document, StoredDocument, TokenOffsets
from index.schema import Level, Section
from search.engine import EngineHit, MatchPosition
from search.hits import MAX_FORMS, HitBuilder
from search.levels import Tier
from search.results import Match


def match(text: str, query: str, found: dict[str, tuple[int, Level]], *, tier: Tier = Tier.MATCH) -> Match:
    """Return the match of an article whose tokens in `found` match, each with the query's word and the level."""
    analyzer = load_analyzer()
    body = analyzer.analyze(text)
    offsets = {section: TokenOffsets(body.starts, body.ends) for section in Section}
    matches = [
        MatchPosition(Section.BODY, token.position, *found[token.text])
        for token in body.tokens()
        if token.text in found
    ]
    builder = HitBuilder(analyzer.analyze(query).words, analyzer)
    hit = EngineHit("1", 1.0, tier=tier, matches=tuple(matches))
    return builder.hit(hit, StoredDocument(Document("1", text), offsets)).match


def test_forms_are_named_once_each_the_closest_level_first() -> None:
    found = {"كتب": (0, Level.LEMMA), "كتاب": (0, Level.EXACT), "والكتاب": (0, Level.CLITIC)}
    named = match("كتب والكتاب وكتب كتب كتاب والكتاب", "كتاب", found)
    assert named.words == ("كتاب", "والكتاب", "كتب")
    assert named.levels == (Level.EXACT, Level.CLITIC, Level.LEMMA)


def test_a_form_that_matches_two_words_has_the_closer_level() -> None:
    analyzer = load_analyzer()
    body = analyzer.analyze("كتاب كتاب")
    matches = (MatchPosition(Section.BODY, 0, 1, Level.ROOT), MatchPosition(Section.BODY, 1, 0, Level.EXACT))
    offsets = {section: TokenOffsets(body.starts, body.ends) for section in Section}
    builder = HitBuilder(analyzer.analyze("كتاب مكتب").words, analyzer)
    made = builder.hit(
        EngineHit("1", 1.0, tier=Tier.MATCH, matches=matches), StoredDocument(Document("1", body.text), offsets)
    )
    assert (made.match.words, made.match.levels) == (("كتاب",), (Level.EXACT,))


def test_the_level_is_the_widest_level_of_the_words() -> None:
    found = {"كتاب": (0, Level.EXACT), "كتب": (0, Level.LEMMA), "مواصلات": (1, Level.ROOT), "يتصلون": (1, Level.FAMILY)}
    named = match("كتب كتاب مواصلات يتصلون", "كتاب اتصال", found)
    assert (named.level, named.root) == (Level.FAMILY, "وصل")


def test_a_search_without_words_has_no_level() -> None:
    named = match("كتب كتاب", "", {}, tier=Tier.PARTIAL)
    assert (named.level, named.tier, named.words, named.root) == (None, Tier.PARTIAL, (), None)


def test_no_more_forms_are_named_than_fit() -> None:
    forms = [f"كلمة{letter}" for letter in "ابتثجحخدذرزسشصض"]
    named = match(" ".join(forms), "كلمة", dict.fromkeys(forms, (0, Level.ROOT)))
    assert named.words == tuple(forms[:MAX_FORMS])


def test_among_thousands_of_matches_the_closest_level_and_the_rarest_word_count() -> None:
    text = "كتب " * 5_000 + "اتصال " + "كتب " * 5_000 + "كتاب"
    found = {"كتب": (0, Level.LEMMA), "كتاب": (0, Level.EXACT), "اتصال": (1, Level.CLITIC)}
    named = match(text, "كتاب اتصال", found)
    assert named.level is Level.CLITIC
    assert set(named.words) >= {"كتب", "اتصال"}


def test_the_root_named_is_one_that_the_article_has() -> None:
    # a word with several readings: the article decides between them
    assert match("يقولون", "قال", {"يقولون": (0, Level.LEMMA)}).root == "قول"
    assert match("قيلولة", "قال", {"قيلولة": (0, Level.ROOT)}).root == "قيل"


def test_a_form_with_other_letters_than_typed_is_told_apart_from_the_word_as_typed() -> None:
    found = dict.fromkeys(("كرة", "كره", "كُرَةٌ"), (0, Level.EXACT)) | {"والكرة": (0, Level.CLITIC)}
    named = match("كرة كره كُرَةٌ والكرة", "كرة", found)
    assert {form.text: form.folded for form in named.forms} == {
        "كرة": False, "كره": True, "كُرَةٌ": False, "والكرة": False
    }  # fmt: skip
