"""A new facet takes four files, as CONTRIBUTING describes: they are edited in a copy of the project, which is run."""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from index.document import Document

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("index", "search", "web", "scripts", "docs", "README.md", "CONTRIBUTING.md", "Makefile", "pyproject.toml")
TESTS = ("tests/__init__.py", "tests/test_docs.py")

EDITS = {
    "index/schema.py": {
        '    SECTION = "section"\n': '    SECTION = "section"\n    COUNTRY = "country"\n',
        '    ArticleField("url",': """\
    ArticleField("country", "as given", facet=FacetField.COUNTRY, keys=("country",)),
    ArticleField("url",""",
    },
    "index/document.py": {
        "    url: str | None = None\n": "    url: str | None = None\n    country: str | None = None\n",
        "HASHED_LATER: tuple[str, ...] = ()\n": 'HASHED_LATER: tuple[str, ...] = ("country",)\n',
    },
    "index/archive/migrations.py": {
        ')\n"""From version 1 to 2': '    new_column("country"),\n)\n"""From version 1 to 2',
    },
    "search/data/fields.csv": {"section,": "country,البلد,البلد بلد country\nsection,"},
}
"""The replacements in each file."""

KEPT = {
    "index/schema.py": {
        '    ArticleField("url",': """\
    ArticleField("keywords", "as given", several=True),
    ArticleField("url",""",
    },
    "index/document.py": {
        "    url: str | None = None\n": "    url: str | None = None\n    keywords: tuple[str, ...] = ()\n",
        "HASHED_LATER: tuple[str, ...] = ()\n": 'HASHED_LATER: tuple[str, ...] = ("keywords",)\n',
    },
    "index/archive/migrations.py": {
        ')\n"""From version 1 to 2': '    new_column("keywords", "[]"),\n)\n"""From version 1 to 2',
    },
}
"""The same for a field that is only stored."""

MISSING = {
    "index/schema.py": 'attribute "country" has no row; add it to ARTICLE_FIELDS in index/schema.py',
    "index/document.py": 'field "country" has no attribute; add it to Document in index/document.py',
    "index/archive/migrations.py": (
        'field "country" has no column; add new_column("country") to index/archive/migrations.py'
    ),
    "search/data/fields.csv": 'facet "country" has no label; add its row to search/data/fields.csv',
}
"""The error for each file that was not edited."""

KEEPING = """
from index.document import Document
from index.archive.migrations import FIRST_COLUMNS
from index.archive.rows import document_of, row_of
with_words, without = Document("1", "نص", keywords=("أ", "ب")), Document("1", "نص")
assert document_of(row_of(with_words)) == with_words
assert document_of({name: row_of(without)[name] for name in FIRST_COLUMNS}, 2) == without
assert with_words.content_hash() != without.content_hash()
print(without.content_hash())
"""

ASKED = """
import json, sys
from web.config import Config
from web.serve import build
client = build(Config(index=sys.argv[1])).test_client()
print(json.dumps({address: client.get(address).get_data(as_text=True) for address in sys.argv[2:]}))
"""


def copied(folder: Path) -> Path:
    """Return a copy of what makes the product and its docs."""
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, folder / part)
    (folder / "tests").mkdir()
    for test in TESTS:
        shutil.copy(ROOT / test, folder / test)
    return folder


def edit(project: Path, edits: Mapping[str, Mapping[str, str]]) -> None:
    for file, changes in edits.items():
        text = (project / file).read_text("utf-8")
        for before, after in changes.items():
            assert text.count(before) == 1, f"{file} has not one {before!r}"
            text = text.replace(before, after)
        (project / file).write_text(text, "utf-8")


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a project, on its own code."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUDHUR_", "PYTHON"))}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    return subprocess.run([sys.executable, *words], cwd=project, env=environment, capture_output=True, text=True)  # noqa: PLW1510


def done(project: Path, *words: str) -> str:
    """Return what a run that went well printed."""
    process = run(project, *words)
    assert not process.returncode, process.stdout + process.stderr
    return process.stdout


class Country(NamedTuple):
    """A copy with the facet, and an index that has an article from before it was there, and two since."""

    project: Path
    location: str

    def answers(self, *addresses: str) -> dict[str, str]:
        found: dict[str, str] = json.loads(done(self.project, "-c", ASKED, self.location, *addresses))
        return found


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Country:
    project, folder = copied(tmp_path_factory.mktemp("project")), tmp_path_factory.mktemp("articles")
    made = Country(project, str(folder / "index"))
    old, new = folder / "old.jsonl", folder / "new.jsonl"
    old.write_text(json.dumps({"id": "old", "text": "خبر قديم", "country": "مصر"}), "utf-8")
    new.write_text(
        "".join(json.dumps({"id": name, "text": "خبر", "country": name}) + "\n" for name in ("مصر", "لبنان")), "utf-8"
    )
    done(project, "-m", "web", "index", "add", str(old), "--index", made.location)
    edit(project, EDITS)
    done(project, "-m", "scripts.reference")
    done(project, "-m", "web", "index", "add", str(new), "--index", made.location)
    return made


def search(**parameters: str) -> str:
    return f"/api/v1/search?{urlencode(parameters)}"


@pytest.mark.parametrize(("what", "edits"), [("a facet", EDITS), ("a stored field of an article", KEPT)])
def test_contributing_names_the_files(what: str, edits: Collection[str]) -> None:
    row = re.search(rf"^\| {what} \|(.*)\|$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    assert row
    assert re.findall(r"`((?:index|search|web)/[\w/.]+)`", row[1]) == list(edits)
    assert "`python -m scripts.reference`" in row[1]


def test_only_generated_docs_differ_beside_the_edited_files(country: Country) -> None:
    copies = [path.relative_to(country.project) for path in country.project.rglob("*") if path.is_file()]
    changed = {
        path.as_posix() for path in copies if not filecmp.cmp(country.project / path, ROOT / path, shallow=False)
    }

    assert {path for path in changed if not path.startswith("docs/")} == set(EDITS)
    assert all("<!-- end -->" in (ROOT / path).read_text("utf-8") for path in changed if path.startswith("docs/"))


def test_the_facet_is_counted_and_filters(country: Country) -> None:
    every, one, others, typed = search(), search(country="مصر"), search(not_country="مصر"), search(q="البلد:لبنان")
    found = {address: json.loads(text) for address, text in country.answers(every, one, others, typed).items()}

    assert counts(found[every]) == {"-": 1, "مصر": 1, "لبنان": 1}
    assert ids(found[one]) == {"مصر"}
    assert ids(found[others]) == {"old", "لبنان"}
    assert ids(found[typed]) == {"لبنان"}


def counts(answer: Mapping[str, Any]) -> dict[str, int]:
    (facet,) = (facet for facet in answer["facets"] if facet["name"] == "country")
    return {value["value"]: value["count"] for value in facet["values"]}


def ids(answer: Mapping[str, Any]) -> set[str]:
    assert answer["query"]["notes"] == []
    return {hit["id"] for hit in answer["hits"]}


def test_json_and_page_have_it(country: Country) -> None:
    article, old = country.answers("/api/v1/articles/مصر", "/api/v1/articles/old").values()
    page, reading, choosing = country.answers("/search", "/articles/مصر", "/facets/country").values()

    assert json.loads(article)["country"] == "مصر"
    assert json.loads(old)["country"] is None
    assert "<legend>البلد</legend>" in page
    assert 'name="country" value="لبنان"' in page
    assert "<dt>البلد</dt>" in reading
    assert "البلد" in choosing


def test_the_command_line_has_it(country: Country) -> None:
    printed = done(
        country.project,
        "-m",
        "web",
        "search",
        "--index",
        country.location,
        "--not-country",
        "-",
        "--country",
        "مصر",
        "--json",
    )
    assert ids(json.loads(printed)) == {"مصر"}


def test_the_docs_have_it(country: Country) -> None:
    done(
        country.project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_docs.py", "-k", "reference or date"
    )
    reference = (country.project / "docs/reference/fields.md").read_text("utf-8")
    assert "| `country` | as given | `country` |" in reference


def test_a_rebuild_reads_the_facet_from_the_articles(country: Country, tmp_path: Path) -> None:
    shutil.copytree(country.location, tmp_path / "index")
    again = country._replace(location=str(tmp_path / "index"))
    done(again.project, "-m", "web", "index", "rebuild", "--index", again.location)

    assert counts(json.loads(again.answers(search())[search()])) == {"-": 1, "مصر": 1, "لبنان": 1}


@pytest.mark.parametrize("forgotten", EDITS)
def test_a_forgotten_file_is_named_in_one_sentence(forgotten: str, tmp_path: Path) -> None:
    project = copied(tmp_path)
    edit(project, {file: changes for file, changes in EDITS.items() if file != forgotten})

    process = run(project, "-m", "web", "search", "خبر", "--index", "none")

    assert process.returncode == 1
    assert process.stderr.splitlines()[-1] == f"index.schema.IncompleteFieldError: {MISSING[forgotten]}"


def test_a_stored_field_of_an_article_takes_three_files(tmp_path: Path) -> None:
    project = copied(tmp_path)
    edit(project, KEPT)

    assert done(project, "-c", KEEPING).strip() == Document("1", "نص").content_hash()
