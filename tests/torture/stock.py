"""Stock Whoosh as the control of the power cuts: a procedure that it survives proves nothing."""

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
    """Change an index batch by batch as tests/torture/driver.py does, with Whoosh as its manual says."""
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
    """Return what became of an index, with the questions of `history.examine`."""
    texts = {
        (known, version): history.document(known, version).text
        for state in possible
        for known, version in state.items()
    }
    try:
        index = open_dir(location)
        with index.searcher() as searcher:
            stored = {(hit["id"], hit["text"]) for hit in searcher.documents()}
            state = {known: version for (known, version), text in texts.items() if (known, text) in stored}
            if state not in possible or len(stored) != len(state):
                return Finding(Outcome.LOST, state, f"holds {state}, may hold {possible}")
            for known, version in state.items():
                query = QueryParser("text", index.schema).parse(history.word_of(known, version))
                if [hit["id"] for hit in searcher.search(query)] != [known]:
                    return Finding(Outcome.LOST, state, f"the word of article {known} does not find it")
    except Exception as error:  # noqa: BLE001 - whatever it is, the index cannot be used
        return Finding(Outcome.UNOPENABLE, detail=f"{type(error).__name__}: {error}")
    return Finding(Outcome.INTACT, state)
