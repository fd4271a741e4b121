"""Looks up the forms of a word of the query: the words of the index that match it, with their levels and weights."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from index.engines.embedded.checked import Array
from index.engines.embedded.generation import Generation
from index.engines.embedded.segment import term_key
from index.schema import CLOSENESS, Level, TokenField
from search.errors import TooManyFormsError
from search.forms import Forms, graded
from search.query import Prefix, Term

MAX_PREFIX_FORMS = 50_000
"""Maximum number of words that match one prefix: bounds the cost of a hostile query."""


def forms_of(generation: Generation, node: Term | Prefix) -> Forms:
    """Return the forms of a word of the query.

    Raises:
        TooManyFormsError: a prefix matches more than `MAX_PREFIX_FORMS` words.
    """
    forms = _prefix_forms(generation, node) if isinstance(node, Prefix) else _term_forms(generation, node)
    return forms.excluding(words_with_forms(generation, node.without)) if node.without else forms


def words_with_forms(generation: Generation, forms: Iterable[str]) -> Array:
    """Return the numbers (uint32, in no order) of the words whose folded letters are one of `forms`.

    A compound in several words has the folded letters of its first part as a term too, and they are not its form.
    """
    found = [np.empty(0, np.uint32)]
    for form in forms:
        key = term_key(TokenField.SURFACE, form)
        found.append(np.setdiff1d(generation.words_of(key)[0], generation.words_with_prefix(key + b" ")))
    return np.concatenate(found)


def _term_forms(generation: Generation, node: Term) -> Forms:
    words, strengths, levels = [np.empty(0, np.uint32)], [np.empty(0)], [np.empty(0, np.uint8)]
    for alternative in node.alternatives:
        found, shares = generation.words_of(term_key(alternative.field, alternative.term))
        words.append(found)
        strengths.append(np.minimum(alternative.weight, shares))
        levels.append(np.full(len(found), CLOSENESS[alternative.level], np.uint8))
    return graded(np.concatenate(words), np.concatenate(strengths), np.concatenate(levels))


def _prefix_forms(generation: Generation, node: Prefix) -> Forms:
    words = generation.words_with_prefix(term_key(TokenField.SURFACE, node.text))
    if len(words) > MAX_PREFIX_FORMS:
        raise TooManyFormsError(node.text, len(words), MAX_PREFIX_FORMS)
    return graded(words, np.ones(len(words)), np.full(len(words), CLOSENESS[Level.EXACT], np.uint8))
