"""Texts that seem to come from a PDF get a notice, and are indexed as they are."""

from __future__ import annotations

import pytest

from index.sources.pdf_text import seems_from_pdf
from tests.sources.conftest import ReadFile

FROM_PDF = [
    "أعلنت دولة اإلمارات اليوم",
    "مجلس األمن",
    "حتى اآلن",
    "وباإلضافة إلى ذلك",
    "(األول)",
    "ٱ ْﻟ َﺣ ْﻣ ُد لله",
    "ك ِت َا ب ٌ",
]
OTHERS = [
    "أعلنت دولة الإمارات اليوم",
    "شكرا ًلكم أيضا ًمن هنا",
    "جدا ً جدا ً جدا ً",
    "مماأدى إلى ذلك",
    "االسلطات",
    "اللاإنسانية",
    "لا ريب ۛ فيه ۛ هدى",
    "ـ محمد ـ علي",
    "",
    "PDF",
]


@pytest.mark.parametrize("text", FROM_PDF)
def test_letters_in_the_order_of_a_page_are_seen(text: str) -> None:
    assert seems_from_pdf(text)


@pytest.mark.parametrize("text", OTHERS)
def test_other_texts_are_not_suspected(text: str) -> None:
    assert not seems_from_pdf(text)


def test_an_article_from_a_pdf_is_indexed_as_it_is_with_a_notice(read_file: ReadFile) -> None:
    run = read_file("a.txt", "دولة اإلمارات\n")
    assert [document.text.strip() for document in run.documents] == ["دولة اإلمارات"]
    assert [notice.text.partition(": ")[2][:36] for notice in run.notices] == ["the text seems to come from a PDF, w"]
