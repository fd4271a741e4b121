"""Arabic letters, marks and controls by their Unicode names, and the character classes that the tokenizer uses.

Everything here is a constant. The other modules of the analysis use the name of a letter instead of the letter, so that
no line of code mixes text directions. Character classes are written as the inside of a regular expression's `[...]`.
"""

from __future__ import annotations

HAMZA = "\N{ARABIC LETTER HAMZA}"
ALEF = "\N{ARABIC LETTER ALEF}"
ALEF_MADDA = "\N{ARABIC LETTER ALEF WITH MADDA ABOVE}"
ALEF_HAMZA_ABOVE = "\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}"
ALEF_HAMZA_BELOW = "\N{ARABIC LETTER ALEF WITH HAMZA BELOW}"
ALEF_WASLA = "\N{ARABIC LETTER ALEF WASLA}"
ALEF_MAKSURA = "\N{ARABIC LETTER ALEF MAKSURA}"
BEH = "\N{ARABIC LETTER BEH}"
TEH = "\N{ARABIC LETTER TEH}"
TEH_MARBUTA = "\N{ARABIC LETTER TEH MARBUTA}"
JEEM = "\N{ARABIC LETTER JEEM}"
DAL = "\N{ARABIC LETTER DAL}"
REH = "\N{ARABIC LETTER REH}"
ZAIN = "\N{ARABIC LETTER ZAIN}"
SEEN = "\N{ARABIC LETTER SEEN}"
GHAIN = "\N{ARABIC LETTER GHAIN}"
FEH = "\N{ARABIC LETTER FEH}"
QAF = "\N{ARABIC LETTER QAF}"
KAF = "\N{ARABIC LETTER KAF}"
LAM = "\N{ARABIC LETTER LAM}"
MEEM = "\N{ARABIC LETTER MEEM}"
NOON = "\N{ARABIC LETTER NOON}"
HEH = "\N{ARABIC LETTER HEH}"
WAW = "\N{ARABIC LETTER WAW}"
WAW_HAMZA = "\N{ARABIC LETTER WAW WITH HAMZA ABOVE}"
YEH = "\N{ARABIC LETTER YEH}"
YEH_HAMZA = "\N{ARABIC LETTER YEH WITH HAMZA ABOVE}"
FARSI_YEH = "\N{ARABIC LETTER FARSI YEH}"

TATWEEL = "\N{ARABIC TATWEEL}"
FATHATAN = "\N{ARABIC FATHATAN}"
REH_FORMS = "\ufead\ufeae"
FATHATAN_FORMS = "\ufe70\ufe71\ufd3c\ufd3d"
"""Fathatan as a presentation form: alone, on a tatweel, and on an alef."""
SMALL_ALEF = "\N{ARABIC LETTER SUPERSCRIPT ALEF}"
"""The dagger alef: an alef that is spoken, and written as a mark."""
MADDAH_ABOVE = "\N{ARABIC MADDAH ABOVE}"
HAMZA_MARK_ABOVE = "\N{ARABIC HAMZA ABOVE}"
HAMZA_MARK_BELOW = "\N{ARABIC HAMZA BELOW}"
DECIMAL_SEPARATOR = "\N{ARABIC DECIMAL SEPARATOR}"
THOUSANDS_SEPARATOR = "\N{ARABIC THOUSANDS SEPARATOR}"
COMMA = "\N{ARABIC COMMA}"

KEYBOARD_TWINS = {
    FARSI_YEH: YEH,
    "\N{ARABIC LETTER YEH BARREE}": YEH,
    "\N{ARABIC LETTER KEHEH}": KAF,
    "\N{ARABIC LETTER SWASH KAF}": KAF,
    "\N{ARABIC LETTER HEH GOAL}": HEH,
    "\N{ARABIC LETTER HEH DOACHASHMEE}": HEH,
    "\N{ARABIC LETTER AE}": HEH,
    "\N{ARABIC LETTER HEH WITH YEH ABOVE}": HEH,
    "\N{ARABIC LETTER HEH GOAL WITH HAMZA ABOVE}": HEH,
    "\N{ARABIC LETTER TEH MARBUTA GOAL}": TEH_MARBUTA,
    "\N{ARABIC LETTER NOON GHUNNA}": NOON,
    "\N{ARABIC LETTER HIGH HAMZA}": HAMZA,
    "\N{ARABIC LETTER HIGH HAMZA ALEF}": ALEF_HAMZA_ABOVE,
    "\N{ARABIC LETTER HIGH HAMZA WAW}": WAW_HAMZA,
    "\N{ARABIC LETTER U WITH HAMZA ABOVE}": WAW_HAMZA,
    "\N{ARABIC LETTER HIGH HAMZA YEH}": YEH_HAMZA,
}
"""Letters of Persian and Urdu keyboards that look like an Arabic letter: the written form has the Arabic letter."""

FOREIGN_LETTERS = {
    "\N{ARABIC LETTER PEH}": BEH,
    "\N{ARABIC LETTER TCHEH}": JEEM,
    "\N{ARABIC LETTER JEH}": ZAIN,
    "\N{ARABIC LETTER VEH}": FEH,
    "\N{ARABIC LETTER FEH WITH DOT BELOW}": FEH,
    "\N{ARABIC LETTER FEH WITH DOT MOVED BELOW}": FEH,
    "\N{ARABIC LETTER FEH WITH THREE DOTS BELOW}": FEH,
    "\N{ARABIC LETTER DOTLESS FEH}": FEH,
    "\N{ARABIC LETTER QAF WITH DOT ABOVE}": QAF,
    "\N{ARABIC LETTER QAF WITH THREE DOTS ABOVE}": QAF,
    "\N{ARABIC LETTER DOTLESS QAF}": QAF,
    "\N{ARABIC LETTER NG}": KAF,
    "\N{ARABIC LETTER KAF WITH THREE DOTS BELOW}": KAF,
    "\N{ARABIC LETTER GAF}": KAF,
    "\N{ARABIC LETTER TTEH}": TEH,
    "\N{ARABIC LETTER DDAL}": DAL,
    "\N{ARABIC LETTER RREH}": REH,
    "\N{ARABIC LETTER OE}": WAW,
    "\N{ARABIC LETTER U}": WAW,
    "\N{ARABIC LETTER YU}": WAW,
    "\N{ARABIC LETTER VE}": WAW,
    "\N{ARABIC LETTER YEH WITH SMALL V}": YEH,
    "\N{ARABIC LETTER E}": YEH,
    "\N{ARABIC LETTER DOTLESS BEH}": BEH,
}
"""Letters outside the Arabic alphabet and the Arabic letter that a typist without them writes.

Gaf is jeem in Egypt, ghain in Syria, qaf in the Gulf and kaf in Iraq. No choice is right everywhere, so the shape
decides (gaf is a kaf with a stroke, the Tunisian letter a qaf with three dots). Spelling classes (`name_variants`)
handle the other sounds.
"""

ARABIC_LETTERS = (
    "\u0620-\u063f\u0641-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06fc\u06ff"
    "\u0750-\u077f\u0870-\u0887\u0889-\u088e\u08a0-\u08c9"
    "\ufb50-\ufbb1\ufbd3-\ufc5d\ufc64-\ufcf1\ufcf5-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdf9\ufdfc\ufe80-\ufefc"
)
"""Letters and the presentation forms of letters, including the rial sign and the ligatures of one word."""

FORMULAS = "\ufd40-\ufd4f\ufdcf\ufdfa\ufdfb\ufdfd-\ufdff"
"""Signs that stand for the words of a formula; each is a token. `formulas` has the words."""
ALLAH_SIGN = "\N{ARABIC LIGATURE ALLAH ISOLATED FORM}"

JOINED_FORMS = "\ufb50-\ufbb1\ufe80-\ufefc"
"""Presentation forms of single letters, and of lam with alef."""

ARABIC_MARKS = (
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0898-\u089f\u08ca-\u08e1\u08e3-\u08ff"
    "\ufbb2-\ufbc2\ufc5e-\ufc63\ufcf2-\ufcf4\ufe70-\ufe7f\u0300-\u036f\ufe00-\ufe0f"
)
"""Harakat, tatweel, Quranic marks, their presentation forms, and marks of other scripts on Arabic letters."""

HAMZA_AND_MADDA_MARKS = MADDAH_ABOVE + HAMZA_MARK_ABOVE + HAMZA_MARK_BELOW
ACCENTS = "\u0300-\u036f"
COMPOSING_MARKS = HAMZA_AND_MADDA_MARKS + ACCENTS
"""Marks that compose one letter with the letter before them."""
PRESENTATION_FORMS = "\ufb50-\ufdff\ufe70-\ufeff"

HARAKAT = "\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
SHORT_VOWELS = "\u064b-\u0652\u0670"
"""Vowels, tanwin, shadda, sukun and the small alef: marks of a letter, without the pauses of the Quran."""
DIGITS = "\u0660-\u0669\u06f0-\u06f9"
"""Arabic-Indic and Persian."""

INVISIBLE = "\u00ad\u061c\u200c-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
"""Soft hyphen, joiners, bidi controls, word joiner, byte order mark.

They never end a word: Persian keyboards put a zero width non-joiner between the parts of one word, and pasted text
may have direction marks anywhere. The zero width SPACE is not among them: it is a space.
"""

APOSTROPHES = "'\u2019\u02bc\u2018\uff07"
HYPHENS = "-\u2010\u2011"
LATIN_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0"
)
"""Combining marks of Latin, Greek, Cyrillic and Hebrew."""
