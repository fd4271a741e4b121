"""Every claim in the documents names a test that tries to refute it.

A claim is a sentence with one of `CLAIMS`. Behind it, on the same line, an HTML comment gives the address of a test:

    Pipes always get logical text. <!-- tests/web/cli/test_terminal.py::test_a_pipe_always_gets_logical_text -->

The comment is invisible in the rendered page. In a table it stands in the cell of the sentence.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))

CLAIMS = ("always", "never", "only", "at any time", "at no time", "nothing is lost", "under no circumstances")
"""Words that make a sentence a claim. Other sentences avoid these words."""
ARABIC_CLAIMS = ("دائما", "أبدا", "فقط", "وحده", "وحدها", "لا غير", "إلا", "مهما")
"""The same on the pages in Arabic (`*.ar.md`); elsewhere Arabic words are examples."""

_FENCE = re.compile(r"^( *)```.*?^ *```[^\n]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_TARGET = re.compile(r"(?<=\])\([^()\s]*\)")
_COMMENT = re.compile(r"<!--\s*(.*?)\s*-->", re.DOTALL)
_PLACEHOLDER = re.compile("\ue000(\\d+)\ue001")
_HARAKAT = re.compile("[\u064b-\u0652\u0640]")
_BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.)\s|#|\|)|(?<=\n)(?=\|)|(?<!\\)\|")
"""Between paragraphs, items of lists, headings and cells of tables."""
_END = re.compile('([.!?؟][*_)\\]»”"]*(?:\\s*\ue000\\d+\ue001)*)(?=\\s|$)')
_ENGLISH = re.compile(rf"\b(?:{'|'.join(CLAIMS)})\b", re.IGNORECASE)
_ARABIC = re.compile(rf"(?<!\w)(?:{'|'.join(ARABIC_CLAIMS)})(?!\w)")


@dataclasses.dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a page, code aside, on one line, with the comments inside it and behind it."""

    text: str
    comments: tuple[str, ...]

    def is_claim(self, *, arabic: bool) -> bool:
        """Return whether one of the words that make a claim stands in it."""
        if arabic and _ARABIC.search(_HARAKAT.sub("", self.text)):
            return True
        return _ENGLISH.search(self.text) is not None


def sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a page in Markdown, in order."""
    comments: list[str] = []

    def kept(found: re.Match[str]) -> str:
        comments.append(found[1])
        return f"\ue000{len(comments) - 1}\ue001"

    plain = _COMMENT.sub(kept, _CODE.sub("…", _FENCE.sub("", text)))
    for block in _BLOCK.split(_TARGET.sub("", plain)):
        if all(line.startswith("    ") for line in block.splitlines()):
            continue  # code, by its indentation
        for sentence in _END.sub("\\1\n", " ".join(block.split())).split("\n"):
            found = tuple(comments[int(number)] for number in _PLACEHOLDER.findall(sentence))
            if words := " ".join(_PLACEHOLDER.sub("", sentence).split()):
                yield Sentence(words, found)


@functools.cache
def defined_in(path: Path) -> frozenset[str]:
    """Return the names of the test functions in a file, those of classes as `Class::test`; it is not executed."""
    module = ast.parse(path.read_text("utf-8"))
    named = [(node.name, node) for node in module.body if isinstance(node, ast.FunctionDef)]
    for group in module.body:
        if isinstance(group, ast.ClassDef):
            named += [(f"{group.name}::{node.name}", node) for node in group.body if isinstance(node, ast.FunctionDef)]
    return frozenset(name for name, node in named if node.name.startswith("test_"))


def exists(address: str, root: Path) -> bool:
    """Return whether `tests/file.py::test_name` is a test below `root`."""
    place, _, name = address.partition("::")
    path = root / place
    return place.startswith("tests/") and path.suffix == ".py" and path.is_file() and name in defined_in(path)


def addresses(comments: tuple[str, ...]) -> list[str]:
    """Return the words of comments that are meant to be addresses of tests."""
    return [word for comment in comments for word in comment.split() if "::" in word or word.startswith("tests/")]


def faults(page: Path, root: Path) -> list[str]:
    """Return what is wrong with the claims of a page, a line each, with the sentence."""
    text, found = page.read_text("utf-8"), []
    for sentence in sentences(text):
        named = addresses(sentence.comments)
        found += [
            f'{page.name}: no such test, {name}, behind "{sentence.text}"' for name in named if not exists(name, root)
        ]
        if not named and sentence.is_claim(arabic=page.name.endswith(".ar.md")):
            found.append(
                f'{page.name}: no test stands behind "{sentence.text}"; write one and name it, or say what holds'
            )
    for line in re.findall(r"^ *<!-- *tests/.*$", text, re.MULTILINE):
        found.append(
            f"{page.name}: a comment that begins a line ends the paragraph; put it behind the sentence: {line}"
        )
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_claim_has_a_test(page: Path) -> None:
    if found := faults(page, ROOT):
        pytest.fail("\n".join(found), pytrace=False)


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A project with two tests and a function that is none."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_order.py").write_text(
        "def test_it_holds(): ...\ndef helper(): ...\nclass TestAll:\n    def test_all(self): ...\n", "utf-8"
    )
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        "Pipes always get logical text.",
        "Pipes ALWAYS get\nlogical text.",
        "This holds. It never fails. And more.",
        "- one item\n- it *only* reads\n",
        "1. First.\n2. A key is never missing",
        "| a | b |\n|---|---|\n| only this | other |",
        "## What is never lost",
        "> It is never lost.",
        "**It never fails.** <!-- tests/test_order.py::test_it_holds --> But it only reads.",
        "It never fails. <!-- a remark -->",
        "It never fails.\n\n<!-- tests/test_order.py::test_it_holds -->",
        "| it never fails | <!-- tests/test_order.py::test_it_holds --> |",
        "- It never fails.\n- It reads. <!-- tests/test_order.py::test_it_holds -->",
        "It may be stopped at any\ntime.",
        "See [why it never fails](why.md).",
        "Is it always so? Yes.",
        "«هذا» is *never* found",
    ],
)
def test_a_claim_without_a_test_is_detected(planted: Path, text: str) -> None:
    page = planted / "page.md"
    page.write_text(text, "utf-8")

    assert [fault for fault in faults(page, planted) if "no test stands behind" in fault] != []


@pytest.mark.parametrize(
    "text",
    [
        "It never fails. <!-- tests/test_order.py::test_it_holds -->",
        "It never fails <!-- tests/test_order.py::test_it_holds -->, come what may.",
        "It never\nfails. <!-- tests/test_order.py::test_it_holds tests/test_order.py::TestAll::test_all -->",
        "**It never fails.** <!-- tests/test_order.py::test_it_holds -->",
        "(It never fails.) <!-- tests/test_order.py::test_it_holds --> It reads.",
        "| it never fails <!-- tests/test_order.py::test_it_holds --> | other |",
        "A nevertheless lonely word, and `--only` and `never` as code.",
        "``never ` never``",
        "```sh\nit never fails\n```",
        "    it never fails\n",
        "See [the page](always/never.md).",
        "[فقط] is a word: دائما، أبدا.",
        "It reads. <!-- never mind -->",
    ],
)
def test_a_sentence_without_a_claim_or_with_a_test_is_accepted(planted: Path, text: str) -> None:
    page = planted / "page.md"
    page.write_text(text, "utf-8")

    assert faults(page, planted) == []


@pytest.mark.parametrize(
    "address",
    [
        "tests/test_order.py::test_gone",
        "tests/test_order.py::helper",
        "tests/test_order.py::test_all",
        "tests/test_order.py::TestAll",
        "tests/test_order.py",
        "tests/test_none.py::test_it_holds",
        "../tests/test_order.py::test_it_holds",
        "order.py::test_it_holds",
    ],
)
@pytest.mark.parametrize("sentence", ["It never fails.", "It reads."])
def test_an_address_without_a_test_is_detected(planted: Path, sentence: str, address: str) -> None:
    page = planted / "page.md"
    page.write_text(f"{sentence} <!-- {address} -->", "utf-8")

    (fault,) = faults(page, planted)

    assert address in fault
    assert sentence in fault


@pytest.mark.parametrize(
    "text", ["لا يضيع شيء أبدًا.", "هذا دائما كذلك.", "كلمات لا غير", "لا يجد إلا ما طُلب.", "مهما كان البحث."]
)
def test_a_claim_in_arabic_is_detected_on_an_arabic_page(planted: Path, text: str) -> None:
    page = planted / "page.ar.md"
    page.write_text(text, "utf-8")

    assert len(faults(page, planted)) == 1


def test_a_comment_at_the_beginning_of_a_line_is_detected(planted: Path) -> None:
    page = planted / "page.md"
    page.write_text("It never\nfails.\n<!-- tests/test_order.py::test_it_holds -->\nIt reads.", "utf-8")

    (fault,) = faults(page, planted)

    assert "begins a line" in fault
