"""The docs cover everything that a user can type or read; their links and examples work."""

from __future__ import annotations

import doctest
import re
import shlex
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest

from index.build import add_articles
from index.document import Basis, Document
from index.schema import NAME_FIELDS, FacetField, Level, Section, TokenField
from scripts.reference import BLOCKS, marked_pages, regenerated
from search.request import SearchRequest
from search.results import FacetResult, NoteKind, SearchResult
from web import errors
from web.api import shape
from web.app import create_app
from web.cli.main import judhur, run
from web.config import Config
from web.kinds import Choice, Keys
from web.parameters import PREFIX, SEARCH, TEXT

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"

PAGES = sorted(path for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))

_SETTING = re.compile(r"\bJUDHUR_[A-Z]+(?:_[A-Z]+)*\b")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*$", re.MULTILINE)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(command: click.Command, *path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command under `command`, itself included, by the words that call it."""
    name = " ".join([*path, command.name or ""])
    yield name, command
    if isinstance(command, click.Group):
        for child in command.commands.values():
            yield from commands(child, *path, command.name or "")


def sections(text: str) -> dict[str, str]:
    """Return heading → what stands under it up to the next heading of any depth."""
    parts = re.split(r"^#{1,6}\s+(.*?)\s*$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def undocumented(command: click.Command, reference: Path) -> list[str]:
    """Return the commands without a section in cli.md, and the options that their section does not name."""
    known = sections((reference / "cli.md").read_text("utf-8"))
    missing = []
    for name, found in commands(command):
        section = known.get(f"`{name}`")
        if section is None:
            missing.append(name)
            continue
        for parameter in found.params:
            if isinstance(parameter, click.Option):
                options = (*parameter.opts, *parameter.secondary_opts)
                missing += [f"{name} {option}" for option in options if f"`{option}" not in section]
    return missing


def unnamed(names: Iterator[str], *pages: str) -> list[str]:
    """Return those of `names` that no code span of the reference pages begins with or is."""
    text = "".join((REFERENCE / page).read_text("utf-8") for page in pages)
    spans = set(re.findall(r"`([^`\n]+)`", text))
    words = {word for span in spans for word in re.split(r"[\s=|,?&…]+", span)} | spans
    return [name for name in names if name not in words]


def test_every_command_and_option_is_in_the_reference() -> None:
    assert undocumented(judhur, REFERENCE) == []


def test_a_command_or_option_without_docs_is_detected(tmp_path: Path) -> None:
    (tmp_path / "cli.md").write_text("# `judhur`\n\n## `judhur known`\n\n`--told`\n", "utf-8")
    options = [click.Option(["--told"]), click.Option(["--untold"])]
    known, forgotten = click.Command("known", params=[*options]), click.Command("forgotten")

    missing = undocumented(click.Group("judhur", commands=[known, forgotten]), tmp_path)

    assert missing == ["judhur known --untold", "judhur forgotten"]


def test_the_example_of_an_analysis_is_what_the_command_prints(capfd: pytest.CaptureFixture[str]) -> None:
    example = re.search(
        r"^    \$ judhur analyze (\w+)\n((?:    .*\n)+)", (REFERENCE / "cli.md").read_text("utf-8"), re.MULTILINE
    )
    assert example

    assert run(["analyze", example[1]]) == 0

    assert capfd.readouterr().out == example[2].replace("    ", "", 1).replace("\n    ", "\n")


def test_every_make_target_is_in_the_reference() -> None:
    declared = re.search(r"^\.PHONY: (serve.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert declared, "the Makefile declares its targets in a line that begins with .PHONY: serve"

    assert unnamed((f"make {target}" for target in declared[1].split()), "make.md") == []


def test_every_setting_is_in_the_reference() -> None:
    files = [
        path for part in ("index", "search", "web", "tests", ".ci", "scripts") for path in (ROOT / part).rglob("*")
    ]
    text = "".join(path.read_text("utf-8") for path in files if path.is_file() and path.suffix in (".py", ""))

    assert unnamed(iter(sorted(set(_SETTING.findall(text)))), "configuration.md") == []


class _NoSearch:
    """Stands where the search service would; no test here asks it."""

    @property
    def analyzer(self) -> typing.NoReturn:
        raise AssertionError

    def search(self, request: SearchRequest, /) -> SearchResult:
        raise AssertionError(request)

    def facet_values(self, request: SearchRequest, facet: FacetField | None, typed: str, /) -> FacetResult:
        raise AssertionError((request, facet, typed))

    def article(self, document_id: str, /) -> typing.NoReturn:
        raise AssertionError(document_id)

    def probe(self) -> typing.NoReturn:
        raise AssertionError


def test_every_route_is_in_the_reference() -> None:
    rules = [rule.rule for rule in create_app(_NoSearch(), Config()).url_map.iter_rules()]
    routes = sorted({re.sub(r"<(?:\w+:)?\w+>", "<…>", rule) for rule in rules})
    text = re.sub(r"<\w+>", "<…>", (REFERENCE / "api.md").read_text("utf-8"))

    assert [route for route in routes if f"`{route}`" not in text and f"GET {route}`" not in text] == []


def test_every_parameter_is_in_the_reference() -> None:
    assert unnamed((row.name for row in (*SEARCH, PREFIX, TEXT)), "api.md") == []


def test_every_value_that_a_parameter_may_have_is_in_the_reference() -> None:
    choices = [name for row in SEARCH if isinstance(row, Choice) for name in row.choices]
    keys = [key for row in SEARCH if isinstance(row, Keys) for key in row.keys]

    assert unnamed(iter(choices + keys), "api.md") == []


def keys(shapes: Mapping[str, object]) -> set[str]:
    """Return every key of every JSON object that the API answers with."""
    shaped = {key for found in shapes.values() if typing.is_typeddict(found) for key in typing.get_type_hints(found)}
    return shaped | set(NAME_FIELDS.values())


def test_every_json_key_is_in_the_reference() -> None:
    assert len(keys(vars(shape) | vars(errors))) > 50, "the shapes of the answers were not found"

    assert unnamed(iter(sorted(keys(vars(shape) | vars(errors)))), "api.md") == []


def test_every_kind_of_note_is_in_the_reference() -> None:
    assert unnamed((kind.value for kind in NoteKind), "api.md") == []


@pytest.mark.parametrize("names", [Section, TokenField, Level, FacetField, Basis])
def test_every_name_of_the_schema_is_in_the_reference(names: type[Section]) -> None:
    assert unnamed((name.value for name in names), "fields.md") == []


def test_every_field_of_an_article_is_in_the_reference() -> None:
    assert unnamed(iter(Document.__dataclass_fields__), "fields.md") == []


def python_examples(pages: list[Path]) -> Iterator[doctest.DocTest]:
    """Yield the Python examples of each page that has some, as one session."""
    for page in pages:
        text = page.read_text("utf-8")
        code = "\n".join(code for language, code in _FENCE.findall(text) if language == "pycon")
        if code:
            yield doctest.DocTestParser().get_doctest(code, {}, page.stem, page.name, 0)


@pytest.fixture
def index_of_seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put an index of the seeds where the pages have it."""
    add_articles(str(tmp_path / "var" / "index"), [ROOT / "seeds"])
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("index_of_seeds")
@pytest.mark.parametrize("examples", list(python_examples(PAGES)), ids=lambda it: it.name)
def test_an_example_in_python_prints_what_the_page_shows(examples: doctest.DocTest) -> None:
    report: list[str] = []
    failed, tried = doctest.DocTestRunner().run(examples, out=report.append)

    assert (failed, tried > 0) == (0, True), "".join(report)


def test_some_pages_have_examples_in_python() -> None:
    assert [examples.filename for examples in python_examples(PAGES)] == ["use-whoosh.md"]


def test_an_example_with_other_output_is_detected(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```pycon\n>>> 1 + 1\n3\n```\n\n```pycon\n>>> 2\n2\n```\n", "utf-8")

    (examples,) = python_examples([page])

    assert doctest.DocTestRunner().run(examples, out=lambda _: None) == (1, 2)


@pytest.mark.parametrize("page", marked_pages(), ids=lambda page: page.name)
def test_the_parts_generated_from_the_tables_of_fields_are_up_to_date(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text == regenerated(text), "run python -m scripts.reference"


def test_every_block_of_the_reference_is_on_a_page() -> None:
    text = "".join(page.read_text("utf-8") for page in marked_pages())
    assert [name for name in BLOCKS if f"<!-- {name} -->" not in text] == []


def test_a_page_that_contradicts_the_table_of_fields_is_detected() -> None:
    page = "with <!-- facets -->`source`<!-- end -->, and <!-- names --><!-- end -->."
    facets, names = (", ".join(f"`{name}`" for name in some) for some in (FacetField, NAME_FIELDS.values()))

    assert regenerated(page) == f"with <!-- facets -->{facets}<!-- end -->, and <!-- names -->{names}<!-- end -->."


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as forges make them."""
    headings = _HEADING.findall(_FENCE.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(pages: list[Path]) -> list[str]:
    """Return the relative links, as `page: target`, that lead to no file or to no heading."""
    broken = []
    for page in pages:
        for target in _LINK.findall(_FENCE.sub("", page.read_text("utf-8"))):
            if "://" in target or target.startswith("mailto:"):
                continue
            place, _, anchor = target.partition("#")
            file = (page.parent / place) if place else page
            if not file.exists() or (anchor and anchor not in anchors(file)):
                broken.append(f"{page.name}: {target}")
    return broken


def test_every_link_has_a_target() -> None:
    assert broken_links(PAGES) == []


def test_a_broken_link_is_detected(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One heading\n[a](#one-heading) [b](#none) [c](gone.md) [d](page.md#one-heading)", "utf-8")

    assert broken_links([page]) == ["page.md: #none", "page.md: gone.md"]


def test_every_page_of_docs_can_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = (target.partition("#")[0] for target in _LINK.findall(page.read_text("utf-8")) if "://" not in target)
        waiting += [(page.parent / target).resolve() for target in targets if target]

    assert [page.relative_to(ROOT).as_posix() for page in PAGES if page not in reached] == []


def typed_commands(pages: list[Path]) -> Iterator[tuple[str, list[str]]]:
    """Yield each line of the pages' shell examples that calls `judhur` or make, with its words."""
    for page in pages:
        for language, code in _FENCE.findall(page.read_text("utf-8")):
            if language in ("sh", "console", "bash"):
                for line in code.replace("\\\n", " ").splitlines():
                    words = shlex.split(line.removeprefix("$ "), comments=True)
                    words = words[: words.index("|")] if "|" in words else words
                    if words and words[0] in ("judhur", ".venv/bin/judhur", "make"):
                        yield f"{page.name}: {line}", words


@pytest.mark.parametrize(("place", "words"), list(typed_commands(PAGES)))
def test_an_example_can_be_run_unchanged(place: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    if words[0] == "make":
        targets = [word for word in words[1:] if "=" not in word]
        declared = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        assert set(targets) <= set(declared), place
        return
    for _, command in commands(judhur):
        monkeypatch.setattr(command, "callback", lambda **_: None)

    judhur.main(words[1:], prog_name="judhur", standalone_mode=False)  # raises UsageError where it does not parse
