"""Forms of words in a tree: which of its words can be found as a form, and the tree without some forms.

A form is the folded letters of a word as it stands in an article. What the reader drops is dropped from the words
themselves, so that matching, score, marks and counts all follow.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterator

from search.query import And, AtLeast, Near, Node, Or, Phrase, Prefix, Term


def searched_words(node: Node) -> Iterator[Term | Prefix]:
    """Yield the words of a tree that its matches may be found by: those of phrases too, excluded ones not."""
    match node:
        case Term() | Prefix():
            yield node
        case AtLeast():
            yield node.term
        case Phrase() | Near():
            yield from node.terms
        case And() | Or():
            for child in node.children:
                yield from searched_words(child)
        case _:
            return


def form_key(word: Term | Prefix) -> Hashable:
    """Return what decides as which words of an index a word of the query is found, wherever it may stand."""
    return (word.alternatives if isinstance(word, Term) else word.text, word.without)


def without_forms(node: Node, forms: tuple[str, ...]) -> Node:
    """Return the tree whose words are not found as `forms` (folded); what is excluded stays excluded in every form."""
    if not forms:
        return node
    match node:
        case Term() | Prefix():
            return dataclasses.replace(node, without=forms)
        case AtLeast():
            return dataclasses.replace(node, term=dataclasses.replace(node.term, without=forms))
        case Phrase() | Near():
            return dataclasses.replace(
                node, terms=tuple(dataclasses.replace(term, without=forms) for term in node.terms)
            )
        case And() | Or():
            return dataclasses.replace(node, children=tuple(without_forms(child, forms) for child in node.children))
        case _:
            return node
