"""Imports point down and in no circle, and what has a seam stays behind it; read from the syntax of every file."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

LAYERS = ("index", "search", "web")
"""Low to high: a layer imports itself and those before it."""

SEAMS = {
    "whoosh": ("search/engines/whoosh_reader/",),
    "opensearchpy": ("index/engines/opensearch/",),
    "urllib3": ("index/engines/opensearch/",),
    "trafilatura": ("index/sources/pages.py",),
    "feedparser": ("index/sources/feeds.py",),
    "sqlite3": ("index/archive/",),
    "flask": ("web/",),
    "werkzeug": ("web/",),
    "jinja2": ("web/",),
    "granian": ("web/serve.py", "web/supervisor.py"),
    "click": ("web/cli/",),
    "rich": ("web/cli/",),
    "arabic_reshaper": ("web/cli/terminal.py",),
    "bidi": ("web/cli/terminal.py",),
}
"""Where a library may be imported: folders end with a slash."""

FACES = {
    "web.page": ("web/page/", "web/app.py"),
    "web.api": ("web/api/", "web/cli/", "web/app.py"),
    "web.cli": ("web/cli/", "web/__main__.py"),
}
"""The same for each face of `web`: `--json` prints the answers of the API."""


def violations(root: Path) -> list[str]:
    """Return every import under `root` that points up or reaches past a seam, as `file:line: what`."""
    found = []
    for layer in LAYERS:
        for path in sorted((root / layer).rglob("*.py")):
            place = path.relative_to(root).as_posix()
            for line, module in _imports(ast.parse(path.read_text("utf-8")), place):
                if fault := _fault(place, module):
                    found.append(f"{place}:{line}: {fault}")
    return found


def _fault(place: str, module: str) -> str | None:
    layer, package = place.partition("/")[0], module.partition(".")[0]
    if module == "?":
        return "imports a module whose name is computed, which nobody can check"
    if package in LAYERS and LAYERS.index(package) > LAYERS.index(layer):
        return f"{layer} imports {module}, which stands above it"
    if package in ("tests", "bench"):
        return f"{layer} imports {module}, which is not part of the product"
    if package in SEAMS and not place.startswith(SEAMS[package]):
        return f"{package} may be imported in {' and '.join(SEAMS[package])} only"
    face = ".".join(module.split(".")[:2])
    if face in FACES and not place.startswith(FACES[face]):
        return f"{face} may be imported in {' and '.join(FACES[face])} only"
    return None


def circles(root: Path) -> list[str]:
    """Return the modules of the layers that import themselves through others, those within functions included."""
    paths = [path for layer in LAYERS for path in (root / layer).rglob("*.py")]
    modules = {_module(path.relative_to(root)): path for path in paths}
    imported = {
        name: set(_modules(ast.parse(path.read_text("utf-8")), modules)) - {name} for name, path in modules.items()
    }
    while leaves := [name for name, others in imported.items() if not others]:
        for leaf in leaves:
            del imported[leaf]
        for others in imported.values():
            others.difference_update(leaves)
    while tops := set(imported) - {other for others in imported.values() for other in others}:
        for top in tops:
            del imported[top]
    return sorted(imported)


def _module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _modules(tree: ast.AST, modules: Collection[str]) -> Iterator[str]:
    """Yield those of `modules` that are imported; a package whose submodule is imported from it is not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in modules)
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                if inner in modules or node.module in modules:
                    yield inner if inner in modules else str(node.module)


def _imports(tree: ast.AST, place: str) -> Iterator[tuple[int, str]]:
    """Yield line and module of every import, those within functions and those by name included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, _absolute(node, place)
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
            named = node.args[0] if node.args else None
            is_text = isinstance(named, ast.Constant) and isinstance(named.value, str)
            yield node.lineno, str(named.value) if is_text and isinstance(named, ast.Constant) else "?"


def _absolute(node: ast.ImportFrom, place: str) -> str:
    if not node.level:
        return node.module or ""
    # `from ..x import y` in a/b/c.py is a.x: one step up per dot, the first being the file's own folder
    parents = place.split("/")[: -node.level]
    return ".".join([*parents, *([node.module] if node.module else [name.name for name in node.names][:1])])


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def test_imports_point_down_and_libraries_stay_behind_their_seams() -> None:
    assert violations(ROOT) == []


def test_no_module_imports_itself_through_others() -> None:
    assert circles(ROOT) == []


def test_a_circle_of_imports_is_found(tmp_path: Path) -> None:
    for name, source in {
        "index/a.py": "from index import b",
        "index/b.py": "def late():\n    from index.c import d",
        "index/c.py": "import index.a",
        "index/leaf.py": "",
        "index/top.py": "from index import a, leaf",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source, "utf-8")

    assert circles(tmp_path) == ["index.a", "index.b", "index.c"]


def test_every_place_of_a_seam_exists() -> None:
    places = [place for allowed in (*SEAMS.values(), *FACES.values()) for place in allowed]

    assert [place for place in places if not (ROOT / place).exists()] == []


def test_every_layer_is_looked_at() -> None:
    assert all(list((ROOT / layer).rglob("*.py")) for layer in LAYERS)


PLANTED = {
    "from web.config import Config": "index/build.py",
    "import search.query": "index/engines/embedded/writer.py",
    "from web import labels": "search/service.py",
    "from ..web import labels": "search/service.py",
    "def late():\n    from search.engine import Engine": "index/archive/reader.py",
    "import importlib\nimportlib.import_module('web.app')": "search/parser.py",
    "__import__('search')": "index/schema.py",
    "import importlib\nname = 'we' + 'b'\nimportlib.import_module(name)": "index/schema.py",
    "import whoosh.fields": "search/service.py",
    "from whoosh import index": "index/build.py",
    "import opensearchpy": "index/engines/__init__.py",
    "import trafilatura": "index/sources/feeds.py",
    "import sqlite3": "search/engines/embedded/engine.py",
    "import flask": "search/service.py",
    "import click": "web/config.py",
    "from web.page import views": "web/api/routes.py",
    "from web.api.payload import search_answer": "web/page/views.py",
    "from web.cli.command import tell": "web/serve.py",
    "import arabic_reshaper": "web/cli/main.py",
    "from bidi.algorithm import get_display": "web/page/routes.py",
    "from tests.cases import CASES": "index/build.py",
}


@pytest.mark.parametrize(("source", "place"), PLANTED.items())
def test_a_planted_import_is_found(source: str, place: str, tmp_path: Path) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(textwrap.dedent(source), "utf-8")

    (fault,) = violations(tmp_path)

    assert fault.startswith(f"{place}:")


ALLOWED = {
    "from search.service import SearchService": "web/app.py",
    "from index.schema import Level": "search/query.py",
    "from .schema import Level": "index/build.py",
    "import whoosh": "search/engines/whoosh_reader/codec.py",
    "import sqlite3": "index/archive/reader.py",
    "import arabic_reshaper": "web/cli/terminal.py",
    "from web.api.payload import search_answer": "web/cli/search_command.py",
}


@pytest.mark.parametrize(("source", "place"), ALLOWED.items())
def test_an_import_in_its_place_is_no_fault(source: str, place: str, tmp_path: Path) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(source, "utf-8")

    assert violations(tmp_path) == []
