"""The words of a tree that match forms, and the tree without some forms.

A form is the folded letters of a word in an article. Excluded forms are a property of the words in the tree, so that
they apply to matching, scores, marks and counts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterator

from search.query import And, AtLeast, Near, Node, Or, Phrase, Prefix, Term


def searched_words(node: Node) -> Iterator[Term | Prefix]:
    """Yield the words of a tree that may match in a document, with those of phrases, without those under `Not`."""
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
    """Return a key that is equal for words of a query with the same forms, whatever their sections."""
    return (word.alternatives if isinstance(word, Term) else word.text, word.without)


def without_forms(node: Node, forms: tuple[str, ...]) -> Node:
    """Return the tree whose words do not match `forms` (folded); words under `Not` still match all their forms."""
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
