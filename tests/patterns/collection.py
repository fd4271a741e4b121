"""Every regular expression of some packages, found by running them and by reading them.

`collect` starts an interpreter of its own, in which the functions of `re` note who calls them with which pattern. All
modules are imported there, and every cached function without arguments is called, since those build the patterns that
depend on data. Then the source is read: a call of `re` that was never made is evaluated in the names of its module, and
what cannot be evaluated is reported, so that no pattern is missed.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import json
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

FUNCTIONS = ("compile", "search", "match", "fullmatch", "split", "sub", "subn", "findall", "finditer")
_REPOSITORY = Path(__file__).resolve().parents[2]


class Pattern(NamedTuple):
    """A regular expression, one of bytes as that of the same code points."""

    place: str
    """`file:name`, by what it is assigned to, or the function that makes it."""
    text: str
    flags: int

    def compiled(self) -> re.Pattern[str]:
        """Return it for use."""
        return re.compile(self.text, self.flags)


class Collected(NamedTuple):
    """What a collection found."""

    patterns: tuple[Pattern, ...]
    unknown: tuple[str, ...]
    """Calls whose patterns cannot be known, as `file:line: why`."""


class _Site(NamedTuple):
    """A call of `re` in the source."""

    file: str
    line: int
    name: str
    call: ast.Call


def collect(root: Path, *packages: str) -> Collected:
    """Return the patterns of the packages under `root`."""
    command = [sys.executable, "-m", __name__, str(root), *packages]
    done = subprocess.run(command, cwd=_REPOSITORY, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return Collected(tuple(Pattern(*entry) for entry in found["patterns"]), tuple(found["unknown"]))


def _main(root: Path, packages: Sequence[str]) -> None:
    sys.path.insert(0, str(root))
    seen: dict[tuple[str, int], dict[re.Pattern[str] | re.Pattern[bytes], None]] = {}
    compiled = _record(root, seen)
    modules = [module for package in packages for module in _modules(package)]
    for module in modules:
        _build(module)
    patterns: dict[Pattern, None] = {}
    unknown: list[str] = []
    for module in modules:
        for site in _sites(module, root, unknown):
            found = seen.get((site.file, site.line)) or _evaluated(site, module, compiled, unknown)
            patterns |= dict.fromkeys(_pattern(site, pattern) for pattern in found)
    json.dump({"patterns": list(patterns), "unknown": unknown}, sys.stdout)


def _record(
    root: Path, seen: dict[tuple[str, int], dict[re.Pattern[str] | re.Pattern[bytes], None]]
) -> Callable[..., re.Pattern[str]]:
    """Let the functions of `re` note their patterns by file and line of the caller; return the untouched `compile`."""
    compiled = re.compile

    def recording(name: str) -> Callable[..., object]:
        function = getattr(re, name)

        @functools.wraps(function)
        def recorded(pattern: Any, *arguments: Any, **named: Any) -> object:
            caller = sys._getframe(1)
            path = Path(caller.f_code.co_filename)
            if path.is_relative_to(root):
                flags = named.get("flags", arguments[0] if name == "compile" and arguments else 0)
                found = compiled(pattern) if isinstance(pattern, re.Pattern) else compiled(pattern, flags)
                seen.setdefault((path.relative_to(root).as_posix(), caller.f_lineno), {})[found] = None
            return function(pattern, *arguments, **named)

        return recorded

    for name in FUNCTIONS:
        setattr(re, name, recording(name))
    return compiled


def _modules(package: str) -> Iterator[ModuleType]:
    top = importlib.import_module(package)
    yield top
    for found in pkgutil.walk_packages(top.__path__, f"{package}."):
        if not found.name.endswith(".__main__"):
            yield importlib.import_module(found.name)


def _build(module: ModuleType) -> None:
    """Call the cached functions without arguments."""
    for value in list(vars(module).values()):
        own = isinstance(value, functools._lru_cache_wrapper) and value.__module__ == module.__name__
        if own and not inspect.signature(value).parameters:
            value()


def _sites(module: ModuleType, root: Path, unknown: list[str]) -> Iterator[_Site]:
    path = Path(module.__file__ or "")
    file = path.relative_to(root).as_posix()
    yield from _calls(ast.parse(path.read_text("utf-8")), file, "", unknown)


def _calls(node: ast.AST, file: str, name: str, unknown: list[str]) -> Iterator[_Site]:
    """Yield the calls of `re` below a node; `name` is what the node belongs to."""
    match node:
        case ast.Import(names=names) if any(one.name == "re" and one.asname for one in names):
            unknown.append(f"{file}:{node.lineno}: re under another name; import it as re")
        case ast.ImportFrom(module="re"):
            unknown.append(f"{file}:{node.lineno}: names out of re; import re itself")
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=attribute)) if attribute in FUNCTIONS:
            yield _Site(file, node.lineno, name, node)
        case (
            ast.FunctionDef(name=own) | ast.Assign(targets=[ast.Name(id=own)]) | ast.AnnAssign(target=ast.Name(id=own))
        ):
            name = own
        case ast.keyword(arg=str(own)):
            name = own
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                own = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
                yield from _calls(value, file, f"{name}.{own}" if own else name, unknown)
            return
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, file, name, unknown)


def _evaluated(
    site: _Site, module: ModuleType, compiled: Callable[..., re.Pattern[str]], unknown: list[str]
) -> list[re.Pattern[str]]:
    """Return the pattern of a call that was not made."""
    try:
        text = eval(compile(ast.Expression(site.call.args[0]), site.file, "eval"), dict(vars(module)))  # noqa: S307 - our own source
        return [text if isinstance(text, re.Pattern) else compiled(text)]
    except Exception as error:  # noqa: BLE001 - whatever keeps it from being known
        unknown.append(
            f"{site.file}:{site.line}: {error}; make the pattern a constant, or build it in a cached function"
        )
        return []


def _pattern(site: _Site, found: re.Pattern[str] | re.Pattern[bytes]) -> Pattern:
    place = f"{site.file}:{site.name}"
    if isinstance(found.pattern, bytes):
        return Pattern(place, found.pattern.decode("latin-1"), found.flags | re.ASCII)
    return Pattern(place, found.pattern, found.flags)


if __name__ == "__main__":
    _main(Path(sys.argv[1]).resolve(), sys.argv[2:])
