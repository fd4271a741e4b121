"""The wheel: what is in it, under which licences, and what an install without the extras does."""

from __future__ import annotations

import email
import email.message
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LAYERS = ("index", "search", "web")
BESIDE = ("tests", "bench", "scripts")
LOOKALIKES = ("indexer", "search_old", "webserver")
"""Folders whose names begin like a layer's; they are planted beside the code."""

_BUILD = "from setuptools import build_meta; import sys; build_meta.build_wheel(sys.argv[1])"
_IMPORT_ALL = """
import importlib, pkgutil, sys
for layer in ("index", "search", "web"):
    folder = importlib.import_module(layer).__path__
    for module in pkgutil.walk_packages(folder, layer + ".", onerror=lambda name: None):
        if module.name == "web.__main__":
            continue
        try:
            importlib.import_module(module.name)
        except Exception as error:
            print(type(error).__name__, module.name)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the code as it stands, built in a copy: building leaves files behind."""
    place = tmp_path_factory.mktemp("wheel")
    source = place / "source"
    for part in (*LAYERS, *BESIDE):
        shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    for name in LOOKALIKES:
        (source / name).mkdir()
        (source / name / "__init__.py").touch()
    subprocess.run([sys.executable, "-c", _BUILD, str(place)], cwd=source, check=True, capture_output=True)
    (made,) = place.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> email.message.Message:
    (name,) = (name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(zipfile.ZipFile(wheel).read(name))


def contents(wheel: Path) -> set[str]:
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_every_file_of_the_layers_and_nothing_else(wheel: Path) -> None:
    files = (path for layer in LAYERS for path in (ROOT / layer).rglob("*") if path.is_file())
    expected = {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}

    assert contents(wheel) == expected


def licences() -> tuple[set[str], set[str]]:
    """Return the SPDX names in the table of docs/licences.md, and the texts that it links, by their paths."""
    page = (ROOT / "docs" / "licences.md").read_text("utf-8")
    rows = [line.split("|")[3:5] for line in page.splitlines() if line.startswith("|") and "---" not in line]
    names = {name for licence, _ in rows for name in re.findall(r"`([^`]+)`", licence)}
    texts = {path for _, text in rows for path in re.findall(r"\]\(\.\./([^)]+)\)", text)}
    return names, texts


def test_the_licence_expression_names_every_licence_of_the_docs(metadata: email.message.Message) -> None:
    names, _ = licences()

    assert len(names) > 1
    assert set(metadata["License-Expression"].split(" AND ")) == names


def test_the_wheel_carries_every_licence_text_that_lies_beside_a_file(
    wheel: Path, metadata: email.message.Message
) -> None:
    beside = {path.relative_to(ROOT).as_posix() for layer in LAYERS for path in (ROOT / layer).rglob("LICENSE*")} | {
        "LICENSE"
    }
    packed = {name.partition(".dist-info/licenses/")[2] for name in zipfile.ZipFile(wheel).namelist()} - {""}

    assert packed == beside == set(metadata.get_all("License-File", []))
    assert licences()[1] == beside


def test_no_classifier_repeats_the_licence(metadata: email.message.Message) -> None:
    assert [name for name in metadata.get_all("Classifier", []) if name.startswith("License ::")] == []


def test_the_extra_all_holds_every_other_extra(metadata: email.message.Message) -> None:
    extras = set(metadata.get_all("Provides-Extra", [])) - {"all"}
    needed = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]
    (everything,) = (need for need in needed if need.name == "judhur")

    assert extras == everything.extras == {"feeds", "html", "opensearch"}


def distributions(needs: Iterable[str]) -> dict[str, importlib.metadata.Distribution]:
    """Return the installed packages that some requirements bring, with those that these need, by name."""
    found: dict[str, importlib.metadata.Distribution] = {}
    waiting = [*needs]
    while waiting:
        need = Requirement(waiting.pop())
        name = canonicalize_name(need.name)
        if name not in found and (need.marker is None or need.marker.evaluate({"extra": ""})):
            found[name] = importlib.metadata.distribution(name)
            waiting += found[name].requires or []
    return found


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel and what it requires, without any extra."""
    place = tmp_path_factory.mktemp("bare")
    venv.create(place, symlinks=True)
    (packages,) = place.glob("lib/python*/site-packages")
    for distribution in distributions(PROJECT["dependencies"]).values():
        for name in {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
            (packages / name).symlink_to(Path(str(distribution.locate_file(name))))
    zipfile.ZipFile(wheel).extractall(packages)
    return place / "bin" / "python"


def judhur(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line of an environment in a folder that holds none of our code."""
    command = [str(python), "-m", "web", *arguments]
    return subprocess.run(command, cwd=python.parent, capture_output=True, text=True, encoding="utf-8", check=False)


def test_an_install_without_extras_imports_all_but_the_engine_on_a_cluster(bare: Path) -> None:
    command = [str(bare), "-W", "error", "-c", _IMPORT_ALL]
    run = subprocess.run(command, cwd=bare.parent, capture_output=True, text=True, check=True)

    failed = [line.split() for line in run.stdout.splitlines()]

    assert {error for error, _ in failed} == {"MissingExtraError"}
    assert [name for _, name in failed if ".engines.opensearch" not in name] == []


def test_an_install_without_extras_indexes_and_finds(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "news.txt").write_text("زار الوزير المدينة.", "utf-8")
    index = str(tmp_path / "index")

    added = judhur(bare, "index", "add", "--index", index, str(tmp_path / "news.txt"))
    found = judhur(bare, "search", "--index", index, "--json", "مدينة")

    assert added.returncode == found.returncode == 0, added.stderr + found.stderr
    assert '"news"' in found.stdout


def test_an_install_without_extras_names_the_one_that_is_missing(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>نص</p>", "utf-8")
    (tmp_path / "feed.xml").write_text("<rss/>", "utf-8")

    added = judhur(bare, "index", "add", "--index", str(tmp_path / "index"), str(tmp_path))
    cluster = judhur(bare, "search", "--index", "opensearch+http://127.0.0.1:1/news", "نص")

    assert "install judhur[html]" in added.stderr
    assert "install judhur[feeds]" in added.stderr
    assert cluster.stderr == "judhur: indexes on OpenSearch need the library opensearchpy; install judhur[opensearch]\n"


def test_the_version_is_that_of_the_newest_section_of_the_changelog(bare: Path) -> None:
    sections = re.findall(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert sections[0] == PROJECT["version"]
    assert judhur(bare, "--version").stdout == f"judhur {PROJECT['version']}\n"
