"""The words of a tree that match forms, and the tree without some forms.

A form is the folded letters of a content word in an article. Excluded forms are a property of the words in the tree, so
that they apply to matching, scores, marks and counts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterator

from search.query import Near, Node, Not, Phrase, Prefix, Term, map_children, walk


def searched_words(node: Node) -> Iterator[Term | Prefix]:
    """Return the words of a tree that may match in a document, with those of phrases, without those under `Not`."""
    return (word for word in walk(node, stop_at=(Not,)) if isinstance(word, (Term, Prefix)))


def content_words(node: Node) -> Iterator[Term | Prefix]:
    """Return the searched words of a tree that are no stop words: these have forms, and rank."""
    return (word for word in searched_words(node) if not is_stop_word(word))


def read_words(node: Node) -> Iterator[Term | Prefix]:
    """Return the words of a tree whose occurrences an engine has to read.

    A phrase or window is found by its content words. Whether its stop words are there, the tokens around these show.
    """
    for below in walk(node, stop_at=(Not, Phrase, Near)):
        if isinstance(below, (Phrase, Near)):
            yield from [term for term in below.terms if not term.stop] or below.terms[:1]
        elif isinstance(below, (Term, Prefix)):
            yield below


def is_stop_word(word: Term | Prefix) -> bool:
    """Return whether a word of the query is a stop word."""
    return isinstance(word, Term) and word.stop


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
        return node if is_stop_word(node) else dataclasses.replace(node, without=forms)
    return node if isinstance(node, Not) else map_children(node, lambda child: without_forms(child, forms))
