"""What the megabytes of an index of the embedded engine are: articles, tokens, postings and the rest."""

from __future__ import annotations

from pathlib import Path

from index.engines.embedded.arrays import ArrayFile
from index.schema import FacetField, Section

ARTICLES, OTHER = "articles (SQLite)", "rest: directories, padding, lists of deletions"
_ARRAYS = {
    "tokens": ("tokens",),
    "offsets of tokens": ("token_starts", "token_lengths", "section_starts"),
    "postings": ("present", "posting_starts", "posting_documents", *(f"{section}_frequencies" for section in Section)),
    "occurrences": ("occurrence_starts", "occurrences"),
    "terms": ("terms_text", "terms_ends"),
    "words of terms": ("term_word_starts", "term_words", "term_word_weights", "weights"),
    "terms of words": ("word_term_starts", "word_terms", "word_term_weights"),
    "written words": ("written_text", "written_ends", "written_order"),
    "documents": (
        "ids_text",
        "ids_ends",
        "id_order",
        "days",
        "moments",
        *(f"{section}_lengths" for section in Section),
    ),
    "facets": tuple(
        f"facet_{field}_{name}" for field in FacetField for name in ("labels_text", "labels_ends", "ordinals", "starts")
    ),
    "checksums": ("block_checksums",),
}
"""Part of an index → its arrays in the segments."""


def megabytes_by_part(folder: Path) -> dict[str, float]:
    """Return the size of each part of the index in a folder, in MB; their sum is the size of the folder."""
    sizes = {path: path.stat().st_size / 1e6 for path in folder.rglob("*") if path.is_file()}
    parts = {ARTICLES: sum(size for path, size in sizes.items() if ".sqlite3" in path.name)}
    segments = [ArrayFile(path) for path in sizes if path.suffix == ".seg"]
    for part, names in _ARRAYS.items():
        arrays = [array for file in segments for name in names if (array := file.optional(name)) is not None]
        parts[part] = sum(array.nbytes for array in arrays) / 1e6
    return parts | {OTHER: sum(sizes.values()) - sum(parts.values())}
