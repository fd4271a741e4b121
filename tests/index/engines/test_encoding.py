"""The encodings of the cluster: values are decoded unchanged, and names do not change between releases."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.installed import load_analyzer
from index.analysis.tokens import FieldTerm, Word
from index.document import Document
from index.engines.opensearch.encoding import (
    FIRST_CONTENT_KEY,
    LONGEST_TERM,
    Encoder,
    Entry,
    key_name,
    key_number,
    key_of,
    packed_entry,
    packed_forward,
    partition_of,
    term_of,
    unpacked_entry,
    unpacked_forward,
)
from index.engines.opensearch.mapping import PARTITIONS
from index.engines.opensearch.stored import packed_offsets, unpacked_offsets
from index.jobs import analyze_document
from index.schema import Section, TokenField

KEYS = st.integers(0, (1 << 63) - 1)
TOKENS = st.lists(KEYS, max_size=60)


@given(KEYS)
def test_a_key_name_has_eleven_letters_and_decodes_to_its_key(key: int) -> None:
    assert len(key_name(key)) == 11
    assert key_number(key_name(key)) == key


@given(TOKENS, TOKENS)
def test_tokens_are_decoded_in_order(title: list[int], body: list[int]) -> None:
    forward = unpacked_forward(packed_forward(np.array(title, np.int64), np.array(body, np.int64)).rstrip("="))
    keys = forward.keys[forward.word_numbers.astype(np.int64) - 1].tolist()
    assert keys[: forward.title] == title
    assert keys[forward.title :] == body
    assert forward.keys.tolist() == sorted(set(title + body))


def test_tokens_of_more_distinct_words_than_fit_two_bytes_are_decoded() -> None:
    body = np.arange(1, 70_001, dtype=np.int64) | 1 << 62
    forward = unpacked_forward(packed_forward(np.empty(0, np.int64), body))
    assert np.array_equal(forward.keys[forward.word_numbers - 1], body)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 40)), max_size=50))
def test_offsets_are_decoded_unchanged(gaps: list[tuple[int, int]]) -> None:
    starts = np.cumsum([gap for gap, _ in gaps], dtype=np.int64)
    ends = starts + np.array([length for _, length in gaps], np.int64)
    found = unpacked_offsets(packed_offsets(starts, ends))
    assert list(found.starts) == starts.tolist()
    assert list(found.ends) == ends.tolist()


@given(
    st.text(max_size=20), st.text(max_size=20), st.lists(st.tuples(st.text(max_size=9), st.floats(0, 1)), max_size=5)
)
def test_a_vocabulary_entry_is_decoded_unchanged(written: str, surface: str, terms: list[tuple[str, float]]) -> None:
    entry = Entry(1 << 62, written, surface, tuple(terms))
    assert unpacked_entry(entry.key, packed_entry(entry)) == entry


@given(st.text(max_size=3 * LONGEST_TERM), st.text(max_size=3 * LONGEST_TERM))
def test_term_names_are_not_split_and_are_distinct(one: str, other: str) -> None:
    names = [term_of(TokenField.LEMMA, text) for text in (one, other)]
    for name in names:
        assert "|" not in name
        assert len(name.split()) == 1
        name.encode()
    assert (names[0] == names[1]) == (one == other)


# Indexes hold these numbers: another one is another `CLUSTER_FORMAT`.
WORD = Word("كتاب", "كتاب", (), (FieldTerm(TokenField.SURFACE, "كتاب", 1.0), FieldTerm(TokenField.ROOT, "كتب", 1.0)))

STOP_WORD = Word("في", "في", (), (FieldTerm(TokenField.WRITTEN, "في"), FieldTerm(TokenField.STOP, "في")), stop=True)


def test_keys_and_partitions_equal_those_of_existing_indexes() -> None:
    assert key_of(WORD) == 4888666121927351374
    assert key_of(STOP_WORD) == 1953493687182353401
    assert partition_of([("sكتاب", 1.0), ("rكتب", 1.0)]) == 20


@pytest.mark.parametrize(
    ("terms", "like"),
    [
        ([("sمكتب", 1.0), ("rكتب", 0.7), ("rمكت", 0.3)], "rكتب"),  # the likeliest root
        ([("rكتب", 0.5), ("rبكت", 0.5)], "rبكت"),  # of two that are as likely always the same
        ([("lواشنطن", 1.0), ("sواشنطن", 1.0)], "lواشنطن"),  # without a root
        ([("wTV", 1.0)], "wTV"),
        ([("wفي", 1.0), ("pفي", 1.0)], "wفي"),
    ],
)
def test_words_are_partitioned_by_root_family_or_stem(terms: list[tuple[str, float]], like: str) -> None:
    assert partition_of(terms) == partition_of(reversed(terms)) == partition_of([(like, 1.0)])
    assert partition_of(terms) in range(PARTITIONS)


def test_forms_of_a_root_are_in_one_partition() -> None:
    text = "كتب الكاتب كتابا والكتب في المكتبة للكتاب"
    document = analyze_document(Document("a", text), load_analyzer(), ZoneInfo("UTC"))
    made = json.loads(Encoder(ZoneInfo("UTC")).encode(document, 1).source)
    content = [word for word in document.sections[Section.BODY].words if not word.stop]
    assert max(map(len, made["words_in"].values())) >= 5
    listed = [name for names in made["words_in"].values() for name in names]
    assert len(listed) == len(set(listed))
    keys = unpacked_forward(made["forward"]).keys.tolist()
    assert set(listed) == {key_name(key) for key in keys if key >= FIRST_CONTENT_KEY}
    assert len(keys) == len(listed) + 1, "the stop word is a token, and not listed"
    assert made["title"] == ""
    assert len(made["body"].split()) == len(text.split())
    assert made["body"].split()[4] == "wفي"
    assert (made["body_length"], made["lead_words_in"]) == (6, [key_name(key_of(word)) for word in content])
    assert not any(count.startswith(("wفي", "pفي")) for count in made["words"].split())
