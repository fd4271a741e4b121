"""The weights of a query's words on a cluster: their idfs, and the boosts of their terms in the cluster's own score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from search.engine import EngineRequest, Listing
from search.engines.opensearch.compiler import Compiler, Query, shares
from search.engines.opensearch.point_in_time import PointInTime
from search.levels import counted
from search.query import Prefix, Term
from search.ranking import IDF_LEVEL, STOP_WORD_IDF, inverse_document_frequency
from search.wordforms import is_stop_word, searched_words

MAX_CLAUSES = 700
"""Number of words by which all prefixes of a query together are scored, the most frequent first; OpenSearch accepts
1,024 clauses in one query."""

Boosts = Mapping[Term | Prefix, Mapping[str, float]]
"""By word the boost of each of its terms, by name."""


class Weights(NamedTuple):
    """The weights of the words of a request."""

    idfs: Mapping[Term | Prefix, float]
    boosts: Boosts
    """Empty if the request asks for no hits."""


def weigh(point_in_time: PointInTime, compiler: Compiler, request: EngineRequest) -> Weights:
    """Return the weights of the words of a request.

    Raises:
        TooManyFormsError: a prefix matches too many words.
        ClusterError: the cluster cannot answer.
    """
    searched = list({word: None for node in request.listing.nodes for word in searched_words(node)})
    point_in_time.vocabulary.learn(searched)
    words = [word for word in searched if not is_stop_word(word)]
    queries: dict[object, Query] = {}
    for word in words:
        queries["near", word] = compiler.close(word, IDF_LEVEL)
        if isinstance(word, Term) and request.limit:
            queries.update({("term", name): {"term": {"words": name}} for name in shares(word)})
    if request.counts.form_limit is not None:
        queries.update(matches_query(compiler, request.listing))  # the form counts need it: this saves a request
    counts = point_in_time.counts(queries)
    # if no document has the word at `IDF_LEVEL` or closer, its document frequency is taken over all levels
    any_level = point_in_time.counts(
        {("any", word): compiler.matching(word) for word in words if not counts["near", word]}
    )
    idfs = {word: point_in_time.idf(counts["near", word] or any_level["any", word]) for word in words}
    idfs |= dict.fromkeys(filter(is_stop_word, searched), STOP_WORD_IDF)
    if not request.limit or not words:
        return Weights(idfs, {})
    documents = point_in_time.totals.documents
    boosts: dict[Term | Prefix, dict[str, float]] = {
        word: {
            # dividing by the term's idf, by which Lucene multiplies, leaves the idf of the word for every term
            name: share * idfs[word] / inverse_document_frequency(documents, counts["term", name])
            for name, share in shares(word).items()
            if counts["term", name]
        }
        for word in words
        if isinstance(word, Term)
    }
    return Weights(idfs, boosts | _prefix_boosts(point_in_time, compiler, idfs, documents))


def matches_query(compiler: Compiler, listing: Listing) -> dict[object, Query]:
    """Return the query for all matches, before filters, under the cache key of its count."""
    return {("all", listing.query, listing.match): compiler.matching(counted(listing.query, listing.match))}


def _prefix_boosts(
    point_in_time: PointInTime, compiler: Compiler, idfs: Mapping[Term | Prefix, float], documents: int
) -> dict[Term | Prefix, dict[str, float]]:
    prefixes: Sequence[Prefix] = [word for word in idfs if isinstance(word, Prefix)]
    boosts: dict[Term | Prefix, dict[str, float]] = {}
    for prefix in prefixes:
        most = MAX_CLAUSES // len(prefixes)
        boosts[prefix] = {
            # homographs with different readings are counted separately, so that a sum may exceed `documents`
            name: idfs[prefix] / inverse_document_frequency(documents, min(count, documents))
            for name, count in point_in_time.doc_frequencies(prefix, compiler.matching(prefix), most)
        }
    return boosts
