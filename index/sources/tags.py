"""The tags and the text of HTML, in one pass: time grows as the markup does, whatever it is.

It follows the HTML standard (section 13.2.5, tokenization) as far as text and metadata need it. `html.parser` of the
standard library reads the rest of broken markup again at each `<` in many releases of Python, and its answers differ
between them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_STOP = re.compile(r""">|=\s*+(?:"[^"]*+"|'[^']*+')""")
"""The end of a tag, or a value in quotation marks, which may hold a `>`."""
_EMPTY = re.compile(r"""(?:\A|[\s/"'])/\Z""")
"""The end of the attributes of a tag that closes itself; a value without quotation marks may end with a slash too."""
_ATTRIBUTES = re.compile(r"""([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|((?!["'])[^\s>]++))?+)?+""")
_OPENING = re.compile(r"<(?:(/?)([A-Za-z][^\s/>]*+)|[!?/])")
"""A `<` that is not text; if a tag begins here, its slash and its name."""
_COMMENT, _COMMENT_END = "<!--", "-->"
_CDATA, _CDATA_END = "<![CDATA[", "]]>"
"""The marks of XML around text. In HTML they are a mistake of the program that wrote it: what they hold counts."""
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style")}
"""The end of each element whose content is not markup."""
_TOO_LONG = re.compile("&#[0-9]{20,}+;?")
"""A number that is no code point; `html.unescape` raises an error for one of thousands of digits."""


class Tag(NamedTuple):
    """A tag of HTML."""

    name: str
    """In lower case."""
    source: str
    """The attributes as they are written."""
    opens: bool
    closes: bool
    """`<br/>` opens and closes."""

    def attributes(self) -> Mapping[str, str]:
        """Return the values of the attributes by name in lower case; of equal names the first counts."""
        found: dict[str, str] = {}
        for name, *values in _ATTRIBUTES.findall(self.source):
            found.setdefault(name.lower(), unescaped("".join(values)))
        return found


def unescaped(text: str) -> str:
    """Return the text with its character references replaced."""
    return html.unescape(_TOO_LONG.sub("\N{REPLACEMENT CHARACTER}", text)) if "&" in text else text


def tokens(markup: str) -> Iterator[Tag | str]:
    """Yield the tags of HTML and the text between them, in order.

    Character references in text are replaced, except in scripts and styles. Comments and declarations are left out;
    one without an end reaches to the end of the markup, as in browsers. A tag without an end is text.
    """
    if _CDATA in markup:
        markup = markup.replace(_CDATA, "").replace(_CDATA_END, "")
    last_end, quotes_count = markup.rfind(">"), True
    begin = position = 0
    while (position := markup.find("<", position)) >= 0:
        opening = _OPENING.match(markup, position)
        if opening is None:
            position += 1
            continue
        if opening[2] and position > last_end:
            break
        if begin < position:
            yield unescaped(markup[begin:position])
        if not opening[2]:
            begin = position = _after_other(markup, position)
            continue
        end = _end_of_tag(markup, opening.end()) if quotes_count else -1
        if end < 0:
            # A quotation mark without its partner: from here on none counts, so that the rest is not read at each tag.
            quotes_count = False
            end = markup.find(">", opening.end())
        tag = _tag(opening, markup[opening.end() : end])
        yield tag
        begin = position = end + 1
        if tag.name in _RAW_END and not tag.closes:
            raw_end = _RAW_END[tag.name].search(markup, begin)
            position = raw_end.start() if raw_end else len(markup)
            yield markup[begin:position]
            begin = position
    if begin < len(markup):
        yield unescaped(markup[begin:])


def _tag(opening: re.Match[str], source: str) -> Tag:
    closing = bool(opening[1])
    return Tag(opening[2].lower(), source, not closing, closing or _EMPTY.search(source[-2:]) is not None)


def _end_of_tag(markup: str, start: int) -> int:
    """Return the offset of the `>` that ends a tag, outside quotation marks; -1 if there is none."""
    while (stop := _STOP.search(markup, start)) and stop[0] != ">":
        start = stop.end()
    return stop.start() if stop else -1


def _after_other(markup: str, start: int) -> int:
    """Return the offset after a comment, a declaration, an instruction, or a closing tag without a name."""
    end_mark = _COMMENT_END if markup.startswith(_COMMENT, start) else ">"
    end = markup.find(end_mark, start + 2)
    return end + len(end_mark) if end >= 0 else len(markup)
