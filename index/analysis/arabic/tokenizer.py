"""Tokenizer: where the tokens of a text begin and end, and of what kind each is.

It is one compiled expression with ordered alternatives: the first that matches takes the token. Every repetition is
either over one class of characters or bounded, so that no text takes more than linear time.
"""

from __future__ import annotations

import enum
import functools
import re

from index.analysis.arabic import letters
from index.analysis.arabic.clitics import CONJUNCTIONS, PREPOSITIONS, article_pattern

MAX_TOKEN_LENGTH = 255
"""Code points. A longer run of letters continues in the next token; a longer address is cut off."""

BETWEEN = r"\s،؛؟!:,()\[\]{}\"«»“”…"
"""Frequent characters that begin no token, as the inside of `[...]`: the search skips them quickly."""


class TokenKind(enum.StrEnum):
    """What a token consists of; it decides which steps of the pipeline apply."""

    ADDRESS = "address"
    """A web or e-mail address."""
    INITIALS = "initials"
    """Single letters with dots between them: U.S, أ.ف.ب."""
    NUMBER = "number"
    """Digits with what newspapers write inside a number: 1,500.75, 26،013, 3ر5, 14:00."""
    DESIGNATION = "designation"
    """One or two Latin letters and a number: F-16, G20, 5G."""
    ARABIC = "arabic"
    LATIN = "latin"
    """Words of every script but Arabic; each Han or kana character is one token."""


@functools.cache
def token_pattern() -> re.Pattern[str]:
    """Return the expression whose matches are the tokens; `kind_of` names the kind of each.

    The group `particle` holds the Arabic particle before a number or Latin word (لـCNN); it is empty if there is none.
    """
    return re.compile(_PATTERN, re.VERBOSE)


@functools.cache
def dividing_pattern() -> re.Pattern[str]:
    """Return an expression whose `split` alternates between the text outside tokens and the tokens."""
    return re.compile(f"({_GROUP_NAME.sub('?:', _PATTERN)})", re.VERBOSE)


def kind_of(match: re.Match[str]) -> TokenKind:
    """Return the kind of the token that `match`, a match of `token_pattern()`, found."""
    return _KINDS[match.lastgroup or ""]


_GROUP_NAME = re.compile(r"\?P<\w+>")
_A = letters.ARABIC_LETTERS
_M = letters.ARABIC_MARKS
_C = letters.INVISIBLE
_L = letters.LATIN_MARKS
_Q = letters.APOSTROPHES
_H = re.escape(letters.HYPHENS)
_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_X = f"[^\\W\\d_{_A}{_M}{_HAN}{_Q}]"
"""A letter of a script other than Arabic and Han. The apostrophe U+02BC is a letter in Unicode, and not here: with a
character in two classes of a repetition, a run of n of them could be matched in 2ⁿ ways."""
_URL = r"[^\s<>\"«»“”(){}\[\]|\\^`،؛؟]"
_HOST = r"(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}+\.){1,6}(?i:[a-z]{2}|com|net|org|gov|edu|info|news|int|mil)(?!\.?[^\W_])"
"""A host name as newspapers print it: its top-level domain has two letters or is one of the old generic ones."""
_TRIM = r"(?<![.,;:!?'’*…\-])"
"""Punctuation at the end of an address belongs to the sentence."""
_PARTICLE = (
    f"(?:[{''.join(CONJUNCTIONS)}][{_M}]{{0,4}})?"
    f"(?:{article_pattern(f'[{_M}]{{0,4}}')}|[{''.join(PREPOSITIONS)}])?[{_M}{_C}]{{0,4}}"
)

_R = f"[{letters.REH}{letters.REH_FORMS}]"
"""Agencies write the letter as a decimal sign (w3c/alreq, issue 49)."""
_AFTER_NO_LETTER = f"(?: (?<![{_A}]) | (?<=[{''.join((*CONJUNCTIONS, *PREPOSITIONS))}]) )"
"""Before a number with that letter stands no letter but a particle: «م5ر3» is a designation."""
_V = f"[{letters.SHORT_VOWELS}]"
_F = letters.JOINED_FORMS

_PATTERN = rf"""
(?= [^{BETWEEN}] ) (?:
    (?P<plain> [{_A}][{_A}{_M}]{{0,254}}+ (?![{_C}.\d]|{_X}|\x20{_V}) )    # nearly all tokens: a word of Arabic letters
  | (?P<address> (?i: https?:// | www\. ) {_URL}{{1,240}} {_TRIM}
      | [A-Za-z0-9._%+\-]{{1,64}}+ @ {_HOST}
      | {_HOST} (?: [/:?\#] {_URL}{{0,180}} {_TRIM} )? )
  | (?P<initials> (?: [{_A}][{_M}]{{0,4}}\. ){{1,9}} [{_A}][{_M}]{{0,4}} (?![{_A}{_M}])
      | (?: {_X}\. ){{1,9}} {_X} (?!{_X}|[{_L}]) )
  | (?P<particle> {_PARTICLE} )
      (?: (?P<designation> {_X}{{1,2}} [{_H}]? \d{{1,20}} (?: {_X}(?!{_X}) \d{{0,20}} ){{0,9}}
            | \d{{1,20}} (?: {_X}(?!{_X}|[{_L}]) \d{{0,20}} ){{1,9}} )
        | (?P<number> {_AFTER_NO_LETTER} (?<!\d{_R}) (?: \d{{1,20}}{_R}\d{{1,20}}
              | (?: \d{{3}}{_R} ){{2,5}}\d{{1,3}} | \d{{1,3}}(?: {_R}\d{{3}} ){{2,5}} ) (?!{_R}?\d)
            | \d{{1,3}} (?: [,٬]\d{{3}} ){{1,9}} (?!\d) (?: [.٫]\d{{1,20}} )?
            | (?<!\d،) [1-9\u0661-\u0669\u06f1-\u06f9]\d{{0,2}} (?: ،\d{{3}} ){{1,9}} (?!،?\d) (?: [.٫]\d{{1,20}} )?
            | (?<!\d,) \d{{1,20}},\d{{1,20}} (?!,?\d)
            | (?<!\d،) \d{{1,20}}،\d{{1,2}} (?!،?\d)
            | \d{{1,120}} (?: [.:٫]\d{{1,20}} ){{0,6}} )
        | (?P<latin> {_X} [{_L}]{{0,4}} [{_H}] {_X} (?: {_X} | [{_L}{_C}{_Q}] ){{0,200}} (?<![{_C}{_Q}])
            | {_X} (?: {_X} | [{_L}{_C}{_Q}] ){{0,240}} (?<![{_C}{_Q}]) (?: [{_H}]{_X} (?!{_X}|[{_L}{_H}{_Q}\d]) )? ) )
  | (?P<han> [{_HAN}] )
  | (?P<formula> [{letters.FORMULAS}] )
  | (?P<spaced> [{_A}][{_A}{_M}]{{0,9}} (?: \x20{_V}{{1,3}} [{_A}][{_A}{_M}]{{0,9}} ){{2,20}}  # from PDF
      | [{_F}][{_F}{_M}]{{0,9}} \x20{_V}{{1,3}} [{_F}][{_F}{_M}]{{0,9}} )
  | (?P<arabic> [{_A}][{_A}{_M}{_C}]{{0,254}} (?<![{_C}]) )                 # one with a join control or a neighbour
)"""
_KINDS = {kind.value: kind for kind in TokenKind} | {
    "plain": TokenKind.ARABIC,
    "spaced": TokenKind.ARABIC,
    "han": TokenKind.LATIN,
    "formula": TokenKind.ARABIC,
}
