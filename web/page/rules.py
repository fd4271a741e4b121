"""The Arabic names of what the analyzer returns: letter rules, clitics, parts of speech, sources.

A test checks that every value of the analyzer has a name here. A value without one is shown unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.analysis.readings import Reading
from web.config import Digits
from web.counting import number

UNCHANGED = "لم يتغير حرف"
UNIFIED = "توحيد رسم الحروف"
WHOLE = "لا زوائد فيها"
ENDING = "لاحقة التصريف"
TANWIN = "ألف التنوين"
COMPOUND = "يُكتب كلمة واحدة أو أكثر، ويُبحث عنه بكتابتيه"
NAME_WITHOUT_ROOT = "لا جذر له: اسم علم"
DERIVATIVES = "الفعل ومصدره وما اشتُق منه"
WITHOUT_ROOT = "لا يُعرف لها جذر"

LETTERS: Mapping[str, str] = {
    "presentation forms": "رد أشكال الطباعة إلى حروفها",
    "invisible characters": "حذف المحارف التي لا تُرى",
    "tatweel": "حذف التطويل",
    "compose": "ضم الهمزة أو المدة إلى حرفها",
    "harakat": "حذف الحركات",
    "keyboard letters": "رد حروف لوحة المفاتيح الفارسية والأردية إلى العربية",
    "digits": "توحيد الأرقام",
    "lam-alef order": "رد اللام والألف إلى ترتيبهما",
    "alef-hamza": "أ، إ ← ا",
    "alef-madda": "آ ← ا",
    "alef-wasla": "ٱ ← ا",
    "foreign letters": "رد الحروف غير العربية إلى أقرب رسم",
    "teh-marbuta": "ة ← ه",
    "alef-maksura": "ى ← ي",
    "lower case": "حروف لاتينية صغيرة",
    "accents": "حذف العلامات من الحروف اللاتينية",
    "apostrophe": "حذف الفاصلة العليا",
}
PARTICLES: Mapping[str, str] = {
    "و": "حرف العطف",
    "ف": "حرف العطف",
    "ب": "حرف الجر",
    "ك": "حرف الجر",
    "ل": "اللام",
    "ال": "أداة التعريف",
    "س": "حرف الاستقبال",
    "ا": "همزة الاستفهام",
    "يا": "حرف النداء",
}
LATIN_PARTICLE = "أداة لاتينية"
PRONOUN = "الضمير"
POSSESSIVE = "لاحقة الملكية"
PARTS_OF_SPEECH: Mapping[str, str] = {
    "verb": "فعل",
    "noun": "اسم",
    "adjective": "صفة",
    "name": "اسم علم",
    "particle": "أداة",
}
SOURCES: Mapping[str, str] = {
    "lexicon": "من المعجم",
    "names": "من قوائم الأعلام",
    "reviewed": "من قائمة الكلمات المراجَعة",
    "fallback": "بالقياس",
    "latin": "كلمة بغير العربية",
    "counts": "ليست في المعجم",
}
EVIDENCE: Mapping[str, str] = {
    "cldr": "البلدان واللغات",
    "geonames": "الأماكن",
    "tables": "أعلام المعجم",
    "news": "أعلام الأخبار",
    "own list": "أعلام مختارة",
    "foreign letters": "حروفها حروف اسم أجنبي",
    "pattern": "على وزن قياسي من جذر معروف",
}
DERIVED: Mapping[str, str] = {
    "form of": "صيغة من «{}»",
    "feminine of": "مؤنث من «{}»",
    "plural of": "جمع أو مثنى من «{}»",
}
"""Rules that contain the word that a form is derived from."""
VERB_FORMS = ("فعل", "فعّل", "فاعل", "أفعل", "تفعّل", "تفاعل", "انفعل", "افتعل", "افعلّ", "استفعل")
"""Forms I to X of verbs with three radicals (Wright, vol. 1, section 35)."""
_RADICALS = 3


def letter_rules(names: str) -> list[str]:
    """Return the Arabic names of the letter rules of a step; `names` is the step's `rule`."""
    return [LETTERS.get(name, name) for name in names.split(", ") if name]


def stop_rule(rule: str) -> str:
    """Return why a stop word is not searched without quotes; `rule` is the step's."""
    particle = rule.partition(" after ")[2].removesuffix("+")
    return (
        f"كلمة شائعة جدا بعد «{particle}»، لا يُبحث عنها إلا بين علامتي تنصيص"
        if particle
        else "كلمة شائعة جدا، لا يُبحث عنها إلا بين علامتي تنصيص"
    )


def clitic_rule(reading: Reading, parts: Sequence[str]) -> str:
    """Return what was cut from a word; `parts` are its pieces (`web.pieces`)."""
    descriptions = [f"{_particle(particle)} «{particle}»" for particle in reading.proclitics]
    inner = len(parts) - len(reading.proclitics) - len(reading.enclitics)
    if inner > 1:
        ending = parts[len(reading.proclitics) + 1]
        descriptions.append(f"{TANWIN if _is_tanwin(reading, ending) else ENDING} «{ending}»")
    descriptions += [f"{_pronoun(pronoun)} «{pronoun}»" for pronoun in reading.enclitics]
    return "، ".join(descriptions) or WHOLE


def lemma_rule(reading: Reading) -> str:
    """Return the part of speech of a reading, its source and its evidence."""
    kind = PARTS_OF_SPEECH.get(reading.pos, reading.pos)
    return "، ".join(filter(None, (kind, SOURCES.get(reading.source, reading.source), evidence(reading.rule))))


def evidence(rule: str) -> str:
    """Return the Arabic description of the rule of a reading."""
    for start, words in DERIVED.items():
        if rule.startswith(f"{start} "):
            return words.format(rule.removeprefix(f"{start} "))
    return "، ".join(dict.fromkeys(EVIDENCE.get(part, part) for part in rule.split(", ") if part))


def family(key: str) -> tuple[str, str]:
    """Return the displayed name of a family and what its words have in common; `key` is `Reading.family`."""
    radicals = key.rstrip("0123456789")
    form = key[len(radicals) :]
    if not form or not radicals:
        return key, "الكلمة وما نُسب إليها"
    root = "-".join(radicals)
    if len(radicals) == _RADICALS and int(form) <= len(VERB_FORMS):
        return f"{VERB_FORMS[int(form) - 1]} من {root}", DERIVATIVES
    return root, DERIVATIVES


def percent(weight: float, digits: Digits) -> str:
    """Return a weight (0..1) as per cent."""
    return f"{number(round(100 * weight), digits)}٪" if digits is Digits.ARAB else f"{round(100 * weight)}%"


def _particle(particle: str) -> str:
    return PARTICLES.get(particle, LATIN_PARTICLE)


def _pronoun(pronoun: str) -> str:
    return POSSESSIVE if pronoun.isascii() or not pronoun[-1].isalpha() else PRONOUN


def _is_tanwin(reading: Reading, ending: str) -> bool:
    # The stem of a reading includes inflectional endings, but not the alef of the accusative.
    return not reading.stem.endswith(ending)
