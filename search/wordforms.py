"""The words of a tree that match forms, and the tree without some forms.

A form is the folded letters of a word in an article. Excluded forms are a property of the words in the tree, so that
they apply to matching, scores, marks and counts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterator

from search.query import Node, Not, Prefix, Term, map_children, walk


def searched_words(node: Node) -> Iterator[Term | Prefix]:
    """Return the words of a tree that may match in a document, with those of phrases, without those under `Not`."""
    return (word for word in walk(node, stop_at=(Not,)) if isinstance(word, (Term, Prefix)))


def has_words(node: Node) -> bool:
    """Return whether a tree has words to rank by."""
    return any(True for _ in searched_words(node))


def form_key(word: Term | Prefix) -> Hashable:
    """Return a key that is equal for words of a query with the same forms, whatever their sections."""
    return (word.alternatives if isinstance(word, Term) else word.text, word.without)


def without_forms(node: Node, forms: tuple[str, ...]) -> Node:
    """Return the tree whose words do not match `forms` (folded); words under `Not` still match all their forms."""
    if not forms:
        return node
    if isinstance(node, (Term, Prefix)):
        return dataclasses.replace(node, without=forms)
    return node if isinstance(node, Not) else map_children(node, lambda child: without_forms(child, forms))
