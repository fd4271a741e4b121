"""Numbers for Arabic readers: digits as configured, and nouns that agree with their number."""

from __future__ import annotations

import dataclasses
import functools

from web.config import Digits

_EASTERN = "٠١٢٣٤٥٦٧٨٩"
_PERSIAN = "۰۱۲۳۴۵۶۷۸۹"
_TO_EASTERN = str.maketrans("0123456789,", _EASTERN + "٬")
_TO_ASCII = str.maketrans(_EASTERN + _PERSIAN, "0123456789" * 2)

_HUNDRED = 100
_FEW = range(3, 11)
_MANY = range(11, 100)


def ascii_digits(text: str) -> str:
    """Return `text` with the digits ٠–٩ and ۰–۹ as 0–9."""
    return text.translate(_TO_ASCII)


@dataclasses.dataclass(frozen=True, slots=True)
class Noun:
    """A counted noun in the forms that Arabic numbers require; the phrases for one and two have no digit."""

    none: str
    one: str
    two: str
    few: str
    """After 3–10: plural, genitive."""
    many: str
    """After 11–99: singular, accusative."""
    other: str
    """After whole hundreds, and 1 or 2 above them: singular, genitive."""

    def phrase(self, count: int, digits: Digits) -> str:
        """Return the number and the noun in words, as «نتيجتان» or «١١ نتيجة»."""
        if count <= 2:  # noqa: PLR2004 - none, one, two
            return (self.none, self.one, self.two)[count]
        return f"{number(count, digits)} {self._counted(count % _HUNDRED)}"

    def _counted(self, last_two: int) -> str:
        # CLDR's plural rule for Arabic, which uses the last two digits only (cldr/common/supplemental/plurals.xml).
        if last_two in _FEW:
            return self.few
        return self.many if last_two in _MANY else self.other


@functools.lru_cache(maxsize=2_000)  # most counts on a page are small
def number(value: int, digits: Digits) -> str:
    """Return a whole number with thousands separators, in the given digits."""
    return in_digits(f"{value:,}", digits)


def in_digits(text: str, digits: Digits) -> str:
    """Return generated text (a number, a date, a time) in the given digits; not meant for text of articles."""
    return text.translate(_TO_EASTERN) if digits is Digits.ARAB else text


RESULTS = Noun("لا نتائج", "نتيجة واحدة", "نتيجتان", "نتائج", "نتيجة", "نتيجة")
ARTICLES = Noun("لا مقالات", "مقال واحد", "مقالان", "مقالات", "مقالًا", "مقال")
IN_SOURCES = Noun("في لا مصدر", "في مصدر واحد", "في مصدرين", "مصادر", "مصدرًا", "مصدر")
"""The caller puts «في» before the forms with a digit."""
MORE_PLACES = Noun("", "موضع آخر", "موضعان آخران", "مواضع أخرى", "موضعًا آخر", "موضع آخر")
MORE_VALUES = Noun("", "قيمة أخرى", "قيمتان أخريان", "قيم أخرى", "قيمة أخرى", "قيمة أخرى")
MORE_FORMS = Noun("", "صيغة أخرى", "صيغتان أخريان", "صيغ أخرى", "صيغة أخرى", "صيغة أخرى")
FILTERS = Noun("", "مرشّح واحد", "مرشّحان", "مرشّحات", "مرشّحًا", "مرشّح")
HOURS_AGO = Noun("قبل أقل من ساعة", "قبل ساعة", "قبل ساعتين", "ساعات", "ساعة", "ساعة")
"""The caller puts «قبل» before the forms with a digit."""
