"""Stock Whoosh as the control of the power cuts: a procedure that does not damage its index proves nothing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from whoosh.fields import ID, TEXT, Schema
from whoosh.index import create_in, exists_in, open_dir
from whoosh.qparser import QueryParser

from tests.torture import history
from tests.torture.driver import BATCHES, DONE, FAILED, OPENING, TRYING, Death
from tests.torture.history import Finding, Outcome, State


def drive(pipe: Connection, location: str, seed: int, state: State, _: Death) -> None:
    """Change an index batch by batch as tests/torture/driver.py does, with Whoosh used as in its manual."""
    chance = random.Random(seed)  # noqa: S311 - chance that can be repeated
    try:
        _write(pipe, location, chance, state)
    except OSError as error:
        pipe.send((FAILED, str(error)))


def _write(pipe: Connection, location: str, chance: random.Random, state: State) -> None:
    pipe.send((OPENING, ()))
    Path(location).mkdir(exist_ok=True)
    if exists_in(location):
        index = open_dir(location)
    else:
        index = create_in(location, Schema(id=ID(unique=True, stored=True), text=TEXT(stored=True)))
    for _number in range(BATCHES):
        batch = history.random_batch(chance, state)
        pipe.send((TRYING, batch))
        writer = index.writer()
        for document_id, version in batch:
            if version is None:
                writer.delete_by_term("id", document_id)
            else:
                writer.update_document(id=document_id, text=history.document(document_id, version).text)
        writer.commit()
        state = history.after(state, batch)
        pipe.send((DONE, batch))


def examine(location: str, possible: Sequence[State]) -> Finding:
    """Return the condition of an index, with the checks of `history.examine`."""
    texts = {
        (document_id, version): history.document(document_id, version).text
        for state in possible
        for document_id, version in state.items()
    }
    try:
        index = open_dir(location)
        with index.searcher() as searcher:
            stored = {(hit["id"], hit["text"]) for hit in searcher.documents()}
            state = {
                document_id: version for (document_id, version), text in texts.items() if (document_id, text) in stored
            }
            if state not in possible or len(stored) != len(state):
                return Finding(Outcome.LOST, state, f"has {state} instead of {possible}")
            for document_id, version in state.items():
                query = QueryParser("text", index.schema).parse(history.word_of(document_id, version))
                if [hit["id"] for hit in searcher.search(query)] != [document_id]:
                    return Finding(Outcome.LOST, state, f"the word of article {document_id} does not find it")
    except Exception as error:  # noqa: BLE001 - with any exception the index cannot be used
        return Finding(Outcome.UNOPENABLE, detail=f"{type(error).__name__}: {error}")
    return Finding(Outcome.INTACT, state)
