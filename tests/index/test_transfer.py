"""Words are equal before and after a transfer."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis.installed import load_analyzer
from index.analysis.tokens import Word
from index.schema import TokenField
from index.transfer import PackedWords, packed, unpacked

SEEDS = [path.read_text("utf-8") for path in sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))]
FRAGMENTS = [
    "كتاب",
    "والكِتَابُ",
    "في",
    "CNN",
    "لـCNN",
    "F-16",
    "www.x.com/ا",
    "3.5",
    "أ.ف.ب",
    "\ufdfa",
    "ـ",
    "سعى",
    " ",
    "\n",
    "،",
]


def through(words: Sequence[Word]) -> list[Word]:
    """Return words as they come out in another process."""
    columns: PackedWords = pickle.loads(pickle.dumps(packed(words)))  # noqa: S301 - our own
    return list(unpacked(columns))


def words_of(text: str) -> list[Word]:
    analyzer = load_analyzer()
    return [analyzer.word(spelling) for spelling in analyzer.tokenize(text).spellings]


def test_words_of_the_seeds_survive_a_transfer() -> None:
    assert len(SEEDS) == 5
    for text in SEEDS:
        words = words_of(text)
        analyzer, tokenized = load_analyzer(), load_analyzer().tokenize(text)
        analyzer.learn(tokenized.spellings, through(words))
        assert analyzer.read(tokenized) == analyzer.analyze(text)
        assert through(words) == words


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS)).map("".join)))
def test_words_of_any_text_survive_a_transfer(text: str) -> None:
    words = words_of(text)
    assert through(words) == words


def test_shared_terms_are_one_object_after_a_transfer() -> None:
    first, second = through(words_of("كتاب والكتاب"))
    lemmas = [next(term for term in word.terms if term.field is TokenField.LEMMA) for word in (first, second)]
    assert lemmas[0] is lemmas[1]


def test_learned_readings_equal_analyzed_ones() -> None:
    analyzer = load_analyzer()
    spelled = analyzer.tokenize("سيستخرجونها بمدونتكم")
    analyzer.learn(spelled.spellings, through(words_of(spelled.text)))
    assert analyzer.unknown(spelled.spellings) == set()
    assert [word.surface for word in analyzer.read(spelled).words] == ["سيستخرجونها", "بمدونتكم"]
