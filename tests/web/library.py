"""The real application over an index of a few articles, for tests from an address to its answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from index.build import add_articles
from web.config import Config
from web.serve import ENGINE, build


@contextmanager
def library(
    folder: Path, articles: Sequence[Mapping[str, object]], *paths: Path, **settings: Any
) -> Iterator[FlaskClient]:
    """Yield a client of the application over `articles` (fields as in JSON Lines) and the articles at `paths`."""
    config = Config(index=str(folder / "index"), **settings)
    lines = "".join(json.dumps(article, ensure_ascii=False) + "\n" for article in articles)
    (folder / "articles.jsonl").write_text(lines, "utf-8")
    report = add_articles(config.index, [folder / "articles.jsonl", *paths], zone=config.zone)
    assert not report.refused
    app = build(config)
    yield app.test_client()
    app.extensions[ENGINE].close()


def texts(*lines: str) -> list[dict[str, object]]:
    """Return an article for each line, with the line as text and id."""
    return [{"id": line, "text": line} for line in lines]


def get_json(client: FlaskClient, address: str, **arguments: object) -> dict[str, Any]:
    """Return the JSON at an address."""
    response = client.get(address, query_string=arguments or None)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = json.loads(response.data)
    return answer


def search(client: FlaskClient, q: str, **arguments: object) -> dict[str, Any]:
    """Return the answer to a search."""
    return get_json(client, "/api/v1/search", q=q, **arguments)


def ids(answer: Mapping[str, Any]) -> list[str]:
    """Return the ids of the hits."""
    return [hit["id"] for hit in answer["hits"]]


def facet(answer: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a facet by its name."""
    found: dict[str, Any] = next(facet for facet in answer["facets"] if facet["name"] == name)
    return found
