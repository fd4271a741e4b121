"""The steps of the pipeline on one word, for display."""

from __future__ import annotations

from collections.abc import Iterator

from index.analysis.analyzer import Step
from index.analysis.arabic import folding, lam_alef
from index.analysis.arabic.steps import Draft
from index.analysis.readings import Reading
from index.analysis.terms import clitics_of


def steps_of(draft: Draft) -> Iterator[Step]:
    """Yield what the steps did: to the letters, then the rule of a stop word, or each reading."""
    rules = (folding.rules_between(draft.spelled, draft.written), lam_alef.RULE if draft.reordered else "")
    yield Step("written", draft.written, ", ".join(filter(None, rules)))
    yield Step("surface", draft.surface, folding.rules_between(draft.written, draft.surface))
    if draft.stop:
        yield Step("stop", draft.surface, draft.stop)
    for reading in draft.readings:
        yield from _reading(reading, draft.surface)


def _reading(reading: Reading, surface: str) -> Iterator[Step]:
    yield Step("clitic", reading.stem, _rule(reading, surface))
    if reading.source == "counts":
        return
    yield Step("lemma", reading.lemma, ", ".join(filter(None, (reading.source, reading.pos, reading.rule))))
    yield Step("family", reading.family, "")
    for root, weight in reading.roots:
        yield Step("root", root, f"weight {weight}" if weight < 1 else "")


def _rule(reading: Reading, surface: str) -> str:
    """Return the description of a reading: its clitics or `whole`, and its weight if there are other readings."""
    cut = " ".join(clitics_of(reading.proclitics, reading.enclitics))
    rule = f"clitic {cut}" if cut else "tanwin" if reading.stem != surface else ""
    return rule if reading.weight == 1 else f"{rule or 'whole'}, weight {reading.weight}"
