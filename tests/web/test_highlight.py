"""Highlighted text as HTML, for arbitrary text and marks."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from index.schema import Level
from search.results import Mark
from web.highlight import marked

TEXTS = st.lists(
    st.sampled_from(["<mark>", "</mark>", "<b>", "&lt;", "&", '"', "'", "<", ">", "الملك", " ", "\U0001f600", "\n"])
).map("".join)


@given(text=TEXTS, cuts=st.lists(st.integers(-5, 60)), level=st.sampled_from(Level))
def test_mark_is_the_one_tag_and_the_text_comes_back(text: str, cuts: list[int], level: Level) -> None:
    marks = [Mark(start, end, level) for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    markup = str(marked(text, marks))

    assert set(re.findall("<[^>]*>?", markup)) <= {f'<mark data-level="{level.value}">', "</mark>"}
    assert html.unescape(re.sub("<[^>]*>", "", markup)) == text
    for mark in re.findall("<mark[^>]*>(.*?)</mark>", markup, re.DOTALL):
        assert "<" not in mark
