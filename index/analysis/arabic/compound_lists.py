"""The lists of names that are written in one word or in several: parts that form compounds, and whole compounds.

`data/compounds.tsv` has a kind and its words on each line; it says what each kind means. All letters are folded.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from index.analysis.arabic import folding
from index.analysis.arabic.letters import ALEF, GHAIN, JEEM, NOON, TEH, YEH

COMPOUNDS_FILE = "compounds.tsv"
FIRST = "-first"
"""End of the kinds whose words are first parts."""
_UNIT = "unit"
_ENDINGS_OF_UNITS = ("", ALEF, ALEF + TEH, YEH + NOON, ALEF + NOON)
"""None, of the accusative, of the plural and of the dual."""
_WITHOUT_ARTICLE = "attribute"
_WHOLE = frozenset(("name", "foreign", "stop"))


@dataclasses.dataclass(frozen=True, slots=True)
class CompoundLists:
    """The lists. A writing has a space between the parts; a key is the writing that stands for all of one compound."""

    firsts: Mapping[str, Mapping[str, str]]
    """First parts by kind (without `FIRST`), each with the first part of the key."""
    seconds: Mapping[str, Mapping[str, str]]
    """Second parts by kind, each with the second part of the key."""
    names: Mapping[str, str]
    """Names of which every part is listed, by writing, with their key."""
    foreign: Mapping[str, str]
    """The same of foreign names, whose other spellings are the same compound too."""
    stop: frozenset[str]
    """Writings of function words of several parts."""


def load_compound_lists(folder: Path) -> CompoundLists:
    """Return the shipped lists.

    Raises:
        OSError: the file is missing or cannot be read.
    """
    firsts: defaultdict[str, dict[str, str]] = defaultdict(dict)
    seconds: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for kind, words in _lines(folder / COMPOUNDS_FILE):
        if kind in _WHOLE:
            writings = list(map(_folded, words.split("\t")))
            key = writings[0]
            if kind == "foreign":
                writings += [writing.replace(GHAIN, JEEM) for writing in writings]
            seconds[kind] |= dict.fromkeys(writings, key)
            continue
        members = list(map(_folded, words.split(" ")))
        if kind.endswith(FIRST):
            alike = kind in {"of-god-first", "of-religion-first"}
            firsts[kind.removesuffix(FIRST)] |= {member: member if alike else members[0] for member in members}
        elif kind == _UNIT:
            seconds[kind] |= {member + ending: members[0] for member in members for ending in _ENDINGS_OF_UNITS}
        else:
            seconds[kind] |= {member: member for member in members}
    return CompoundLists(firsts, seconds, seconds["name"], seconds["foreign"], frozenset(seconds["stop"]))


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield kind and words of each line."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, _, words = line.partition("\t")
            yield kind, words


def _folded(text: str) -> str:
    return " ".join(map(folding.fold, text.split()))
