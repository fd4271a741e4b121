"""Analyzed texts come out of a transfer as they went in, with one object for each word."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import transfer
from index.analysis.pipeline import load_analyzer
from index.analysis.tokens import AnalyzedText
from index.transfer import PackedText, Packer, SharedWords, Unpacker, Vocabulary

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


def sent(value: tuple[Vocabulary, list[PackedText]]) -> tuple[Vocabulary, list[PackedText]]:
    """Return a copy, as another process gets it."""
    copy: tuple[Vocabulary, list[PackedText]] = pickle.loads(pickle.dumps(value))  # noqa: S301 - our own
    return copy


def through(packer: Packer, unpacker: Unpacker, *texts: str) -> list[AnalyzedText]:
    """Return the texts analyzed at one end, as they come out at the other."""
    analyzer = load_analyzer()
    packed = [packer.pack(analyzer.analyze(text)) for text in texts]
    vocabulary, received = sent((packer.vocabulary(), packed))
    unpacker.learn(vocabulary)
    return [unpacker.unpack(one, text) for one, text in zip(received, texts, strict=True)]


def test_seeds_come_out_as_they_went_in() -> None:
    assert len(SEEDS) == 5
    came = through(Packer(), Unpacker(SharedWords()), *SEEDS)
    assert came == [load_analyzer().analyze(text) for text in SEEDS]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS)).map("".join)), max_size=6))
def test_any_text_comes_out_as_it_went_in(texts: list[str]) -> None:
    packer, unpacker = Packer(), Unpacker(SharedWords())
    for some in (texts, texts[::-1]):
        assert through(packer, unpacker, *some) == [load_analyzer().analyze(text) for text in some]


def test_a_word_is_one_object_whoever_sent_it() -> None:
    shared = SharedWords()
    senders = [(Packer(), Unpacker(shared)) for _ in range(2)]
    texts = [through(packer, unpacker, "قرأ الكتاب في الدار")[0] for packer, unpacker in senders for _ in range(2)]
    for words in zip(*(text.words for text in texts), strict=True):
        assert len({id(word) for word in words}) == 1


def test_a_word_is_sent_once_and_texts_without_new_words_send_none() -> None:
    packer, analyzer = Packer(), load_analyzer()
    packer.pack(analyzer.analyze("كتاب كتاب قلم"))
    assert packer.vocabulary().spelled.split("\n") == ["كتاب", "قلم"]
    packer.pack(analyzer.analyze("قلم"))
    assert packer.vocabulary().spelled == ""


def test_what_both_ends_remember_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_WORDS_AT_MOST", 20)
    packer, shared = Packer(), SharedWords()
    unpacker = Unpacker(shared)
    for _ in range(3):
        for text in SEEDS:
            words = [" ".join(text.split()[start : start + 10]) for start in range(0, 100, 10)]
            for part in words:
                assert through(packer, unpacker, part) == [load_analyzer().analyze(part)]
                assert max(len(packer._kept), len(unpacker._words), len(shared._by_spelling)) <= 20 + 20
