"""The analyzer behind its protocol: another one can take the place of the Arabic one, everywhere at once."""

from __future__ import annotations

import contextlib
import re
from array import array
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from index.analysis.analyzer import Analyzer, AnalyzerVersion
from index.analysis.tokens import AnalyzedText, FieldTerm, Word
from index.build import add_articles
from index.errors import IndexMismatchError
from index.manifest import read_current_manifest
from index.schema import TokenField
from search.engines import open_engine
from search.request import SearchRequest
from search.service import SearchService

ROOT = Path(__file__).resolve().parents[2]


class Upper:
    """An analyzer whose words are what spaces separate, in capitals."""

    version = AnalyzerVersion("upper-1", "f" * 64)

    def analyze(self, text: str) -> AnalyzedText:
        found = list(re.finditer(r"\S+", text))
        words = tuple(self._word(match.group()) for match in found)
        return AnalyzedText(text, words, array("I", [m.start() for m in found]), array("I", [m.end() for m in found]))

    def fold(self, text: str) -> str:
        return text.upper()

    def explain(self, _: str) -> None:
        return None

    def _word(self, spelled: str) -> Word:
        folded = self.fold(spelled)
        fields = (TokenField.WRITTEN, TokenField.SURFACE, TokenField.CLITIC)
        return Word(spelled, folded, (), tuple(FieldTerm(field, folded) for field in fields))


def found(folder: Path, analyzer: Analyzer, text: str) -> list[str]:
    with contextlib.closing(open_engine(str(folder))) as engine:
        service = SearchService(engine, analyzer, zone=ZoneInfo("UTC"))
        return [hit.document.title for hit in service.search(SearchRequest(text)).hits]


def test_an_index_is_built_and_searched_by_another_analyzer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "articles.jsonl").write_text('{"id": "1", "title": "Judhur", "text": "finds_what spaces separate"}\n')
    folder = tmp_path / "index"
    with monkeypatch.context() as patch:
        patch.setattr("index.analysis.installed.load_arabic_analyzer", Upper)
        add_articles(str(folder), [tmp_path / "articles.jsonl"])

        assert found(folder, Upper(), "FINDS_WHAT") == ["Judhur"]
        assert found(folder, Upper(), "وزير") == []

    with pytest.raises(IndexMismatchError, match="upper-1"):
        read_current_manifest(folder)


def test_one_module_says_which_language_is_installed() -> None:
    importing = [
        path.relative_to(ROOT).as_posix()
        for layer in ("index", "search", "web")
        for path in (ROOT / layer).rglob("*.py")
        if "index.analysis.arabic.analyzer" in path.read_text("utf-8")
    ]
    assert importing == ["index/analysis/installed.py"]
