"""READ FIRST. The analysis of Arabic: from a token as it is spelled to a word with its terms.

`tokenizer` finds the tokens of a text. Then each distinct one passes through `PIPELINE`, once, since `analyzer` caches
the word. Texts and queries pass through the same steps.
"""

from __future__ import annotations

from collections.abc import Callable

from index.analysis.arabic import steps
from index.analysis.arabic.steps import Draft, WordData

PIPELINE: tuple[Callable[[Draft, WordData], None], ...] = (
    steps.classify,
    # without loss: the written form has every letter
    steps.drop_marks,
    # before any alef is folded: a written hamza shows that the order is wrong
    steps.order_letters,
    # before folding: a small alef is a letter of the written form
    steps.modernize,
    # with loss, the endings last: by its base form على is a stop word, and the name علي is not
    steps.fold_letters,
    steps.mark_stop_word,
    steps.fold_endings,
    # by all three forms: a written hamza or teh marbuta decides between readings
    steps.find_readings,
    # after the readings: many words begin with the letters of a name's first part by chance
    steps.find_compound,
    steps.emit_terms,
)
"""The steps in running order."""


def run(draft: Draft, data: WordData) -> Draft:
    """Return the draft of a token after all steps. Raises ValueError if it does not begin with a token."""
    for step in PIPELINE:
        step(draft, data)
    return draft
