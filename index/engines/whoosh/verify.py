"""Whether the files of an embedded index fit together, and fit the articles that they were made from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from whoosh.reading import IndexReader

from index.archive import Archive
from index.engines.whoosh.schema import ID_FIELD, decode_offsets, offsets_column, whoosh_schema
from index.engines.whoosh.storage import DurableStorage
from index.errors import command
from index.manifest import Manifest, read_current_manifest
from index.schema import Section


def verify_files(folder: Path) -> tuple[str, ...]:
    """Return the problems of the index in `folder`, a line each with its remedy; empty when it is sound.

    Raises:
        IndexMissingError, IndexDamagedError, IndexMismatchError: it cannot be opened at all.
    """
    manifest = read_current_manifest(folder)
    archive = Archive(folder)
    try:
        problems = [f"{archive.path}: {line}; restore the file from a backup" for line in archive.check()]
        problems += _index_problems(folder, manifest, archive)
    finally:
        archive.close()
    return tuple(problems)


def _index_problems(folder: Path, manifest: Manifest, archive: Archive) -> Iterator[str]:
    remedy = f"run {command('rebuild', folder)}"
    missed = archive.last_change() - manifest.change
    if missed:
        yield f"the index has not read the last {missed} changes of its articles; {remedy}"
    try:
        storage = DurableStorage(folder / manifest.directory)
        reader = storage.open_index(schema=whoosh_schema()).reader()
        try:
            yield from (f"{problem}; {remedy}" for problem in _reader_problems(reader, archive))
        finally:
            reader.close()
            storage.close()
    except Exception as error:  # noqa: BLE001 - damaged files fail in any way, and each means the same
        yield f"{folder / manifest.directory} cannot be read ({type(error).__name__}: {error}); {remedy}"


def _reader_problems(reader: IndexReader, archive: Archive) -> Iterator[str]:
    columns = {section: reader.column_reader(offsets_column(section)) for section in Section}
    seen: set[str] = set()
    for number in reader.all_doc_ids():
        document_id = reader.stored_fields(number)[ID_FIELD]
        if document_id in seen:
            yield f"article {document_id} is in the index twice"
        seen.add(document_id)
        document = archive.get(document_id)
        if document is None:
            yield f"article {document_id} is in the index, but not among the articles"
            continue
        for section, text in ((Section.TITLE, document.title), (Section.BODY, document.text)):
            ends = decode_offsets(columns[section][number]).ends
            if ends and ends[-1] > len(text):
                yield f"the {section} of article {document_id} is shorter than its index entry"
    for document_id in archive.ids():
        if document_id not in seen:
            yield f"article {document_id} is not in the index"
