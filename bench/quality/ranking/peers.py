"""Peers: stock analyzers of Arabic, each a stemmer of the tokens of Lucene's tokenizer.

Lucene's ArabicAnalyzer is reimplemented here by its published rules (apache/lucene, `analysis/common/…/ar`, release 9:
StandardTokenizer, LowerCaseFilter, DecimalDigitFilter, StopFilter with the default list, ArabicNormalizationFilter,
ArabicStemFilter); the stop words are Jacques Savoy's (BSD licence). Snowball and ISRI stem the tokens of Lucene's
tokenizer, with the same stop words, so that only the stemmer differs.
"""

from __future__ import annotations

import functools
import importlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.analysis.arabic.evidence import read_list
from index.analysis.arabic.letters import (
    ALEF,
    ALEF_HAMZA_ABOVE,
    ALEF_HAMZA_BELOW,
    ALEF_MADDA,
    ALEF_MAKSURA,
    BEH,
    FEH,
    HEH,
    KAF,
    LAM,
    NOON,
    TATWEEL,
    TEH,
    TEH_MARBUTA,
    WAW,
    YEH,
)

Stem = Callable[[str], str]

_NORMAL = dict.fromkeys([*range(0x64B, 0x653), ord(TATWEEL)]) | {
    **dict.fromkeys(map(ord, (ALEF_MADDA, ALEF_HAMZA_ABOVE, ALEF_HAMZA_BELOW)), ALEF),
    ord(ALEF_MAKSURA): YEH,
    ord(TEH_MARBUTA): HEH,
}
_ARTICLE = ALEF + LAM
_PREFIXES = (_ARTICLE, WAW + _ARTICLE, BEH + _ARTICLE, KAF + _ARTICLE, FEH + _ARTICLE, LAM + LAM, WAW)
_SUFFIXES = (
    *(HEH + ALEF, ALEF + NOON, ALEF + TEH, WAW + NOON, YEH + NOON),
    *(YEH + HEH, YEH + TEH_MARBUTA, HEH, TEH_MARBUTA, YEH),
)
_LONGEST = 255
_EXTENDING = (
    "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08ff"
)
_FORMAT = "\u00ad\u061c\u200c-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
_X = f"[{_EXTENDING}{_FORMAT}]*"
_LETTER = r"[^\W\d_]"
_TOKEN = re.compile(
    # Unicode's word boundaries (UAX #29, Unicode 12), limited to the scripts of Arabic newspapers.
    rf"(?:(?:{_LETTER}|[\d_٫]){_X}"
    rf"(?:[.:·‧'‘’․]{_X}(?={_LETTER})(?<={_LETTER}[.:·‧'‘’․])"
    rf"|[.,;،؍٬⁄'‘’․](?=\d)(?<=\d[.,;،؍٬⁄'‘’․]))?)+"
)
_WORD = re.compile(r"[^\W_]")


@functools.cache
def stop_words() -> frozenset[str]:
    """Return Lucene's default stop words, unchanged from its file."""
    return frozenset(read_list(Path(__file__).with_name("lucene_stopwords.txt")))


def lucene_tokens(text: str) -> Iterator[str]:
    """Yield the tokens of Lucene's StandardTokenizer, in lower case and with ASCII digits."""
    for match in _TOKEN.finditer(text):
        token = match.group()
        if _WORD.search(token):
            for start in range(0, len(token), _LONGEST):
                yield _digits(token[start : start + _LONGEST].lower())


def _digits(token: str) -> str:
    if token.isascii() or not any(letter.isdecimal() for letter in token):
        return token
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in token)


def lucene_stem(token: str) -> str:
    """Return the stem of ArabicNormalizationFilter and ArabicStemFilter (light10)."""
    word = token.translate(_NORMAL)
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) >= (4 if len(prefix) == 1 else len(prefix) + 2):
            word = word[len(prefix) :]
            break
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) >= len(suffix) + 2:
            word = word[: -len(suffix)]
    return word


def installed_peers() -> dict[str, Stem]:
    """Return the peers by name; prints a line for each peer whose package is missing, and leaves it out."""
    peers: dict[str, Stem] = {"Lucene": lucene_stem}
    for name, (package, stemmer) in {"Snowball": ("snowballstemmer", _snowball), "ISRI": ("nltk", _isri)}.items():
        try:
            peers[name] = stemmer()
        except ImportError:
            print(f"{name} is left out: pip install {package}")
    return peers


def _snowball() -> Stem:
    stemmer: Stem = importlib.import_module("snowballstemmer").stemmer("arabic").stemWord
    return stemmer


def _isri() -> Stem:
    stemmer: Stem = importlib.import_module("nltk.stem.isri").ISRIStemmer().stem
    return stemmer


class Stemmed(NamedTuple):
    """The tokens of texts, and the terms of the peers for them."""

    tokens: list[npt.NDArray[np.int32]]
    """The token numbers of each text in order, without stop words, shape (tokens of the text,)."""
    terms: dict[str, npt.NDArray[np.int32]]
    """Peer → the term number of each token number, shape (distinct tokens,)."""


def stemmed(texts: Sequence[str]) -> Stemmed:
    """Return texts as all installed peers stem them; each distinct token is stemmed once."""
    numbers: dict[str, int] = {}
    stop_list = stop_words()
    tokens = [
        np.array(
            [numbers.setdefault(token, len(numbers)) for token in lucene_tokens(text) if token not in stop_list],
            dtype=np.int32,
        )
        for text in texts
    ]
    terms = {}
    for name, stem in installed_peers().items():
        stems: dict[str, int] = {}
        terms[name] = np.array([stems.setdefault(stem(token), len(stems)) for token in numbers], dtype=np.int32)
    return Stemmed(tokens, terms)
