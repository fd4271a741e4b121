"""The reference of the query language is complete, and its examples parse as described."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from index.schema import LEAD_LENGTH
from search.language.fields import field_names
from search.language.limits import (
    MAX_FILTERS,
    MAX_NESTING,
    MAX_NOTES,
    MAX_PREFIXES,
    MAX_SLOP,
    MAX_STOP_WORDS,
    MAX_TIMES,
    MAX_WORDS,
)
from search.request import MAX_QUERY_LENGTH
from search.results import NoteKind
from tests.search.trees import parse

ROOT = Path(__file__).parents[2]
PAGES = {name: (ROOT / "docs/reference" / name).read_text("utf-8") for name in ("query.md", "query.ar.md")}
TYPED = re.compile(r"^\| (`.*?`) \| ", re.MULTILINE)
NO_FAULT = {NoteKind.STOP_WORDS, NoteKind.ONLY_EXCLUDED}


@pytest.mark.parametrize("page", PAGES)
def test_every_name_and_operator_is_in_the_reference(page: str) -> None:
    rows = csv.DictReader((ROOT / "search/data/operators.csv").read_text("utf-8").splitlines())
    written = [*(f"{name}:" for name in field_names()), *(row["word"] for row in rows)]
    assert [name for name in written if f"`{name}`" not in PAGES[page]] == []


def test_every_kind_of_note_is_in_the_reference() -> None:
    assert [kind.value for kind in NoteKind if f"`{kind.value}`" not in PAGES["query.md"]] == []


@pytest.mark.parametrize("page", PAGES)
def test_the_limits_are_those_of_the_reference(page: str) -> None:
    told = [int(number) for number in re.findall(r"^\|[^|]*\| (\d+) \|", PAGES[page], re.MULTILINE)]
    limits = [
        MAX_WORDS, MAX_STOP_WORDS, MAX_FILTERS, MAX_PREFIXES, MAX_NESTING, MAX_SLOP, MAX_TIMES, MAX_NOTES
    ]  # fmt: skip
    assert told == limits


def test_the_lengths_are_those_of_the_reference() -> None:
    assert f"| {MAX_QUERY_LENGTH:,} characters |" in PAGES["query.md"]
    assert f"the first {LEAD_LENGTH} words" in PAGES["query.md"]


def examples(page: str) -> list[str]:
    """Return the examples in the first table of a page."""
    table = PAGES[page].split("\n## ")[0]
    return [example for cell in TYPED.findall(table) for example in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize("example", [*examples("query.md"), *examples("query.ar.md")])
def test_examples_are_understood(example: str) -> None:
    parsed = parse(example)
    assert {note.kind for note in parsed.notes} <= NO_FAULT
    assert parsed.words or not parsed.scored


def test_both_pages_have_the_same_examples() -> None:
    assert examples("query.md") == examples("query.ar.md")
    assert len(examples("query.md")) > 20
