"""Page and JSON of an index on a cluster are identical to those of the embedded engine."""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from index.build import add_articles, migrate
from index.engines.opensearch.address import ClusterAddress
from index.engines.opensearch.connection import Cluster
from tests.cluster.articles import SEEDS
from tests.cluster.running import reason_to_skip
from web.config import Config
from web.serve import ENGINE, build

pytestmark = pytest.mark.opensearch
if REASON := reason_to_skip():
    pytest.skip(REASON, allow_module_level=True)

QUERIES = (
    "الرئيس", "جذر:كتب", "بوتين ترامب", '"الرئيس الروسي"', "اتصال -هاتفي", "الر*", "", "عنوان:الرئيس", "المقدمة:بوتين",
    "2×الرئيس", "اتصل", '~3"بوتين ترامب"', "كاتبب", "الرئيس أو الوزير", "=الرئيس", "لا-شيء-كهذا", "<b>'\"",
)  # fmt: skip
STATES: tuple[dict[str, str], ...] = (
    {}, {"sort": "newest"}, {"from": "2025-03"}, {"agency": "تاس"}, {"boost": "recency"}, {"match": "clitic"},
    {"form": "الرئاسة"}, {"not_form": "الرئيس"}, {"date": "unknown"}, {"per_page": "2", "page": "2"},
)  # fmt: skip
_MOMENTS = re.compile(r'"took_ms": ?[\d.]+|"generation": ?"[^"]*"|(?<=\.\d{6})\d+')
"""Parts of an answer that differ between two requests to the same engine, and score digits beyond the sixth."""


@pytest.fixture(scope="module")
def location(cluster_urls: tuple[str, ...]) -> Iterator[str]:
    hosts = ",".join(url.partition("://")[2] for url in cluster_urls)
    address = ClusterAddress.of(f"opensearch+http://{hosts}/s-{secrets.token_hex(5)}")
    yield address.redacted
    with contextlib.closing(Cluster(address)) as cluster:
        cluster.call("DELETE", f"/{address.name}-*", timeout=60)


@pytest.fixture(scope="module")
def clients(location: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, FlaskClient]]:
    folder = str(tmp_path_factory.mktemp("embedded") / "index")
    add_articles(folder, [SEEDS])
    migrate(folder, location)
    apps = [build(Config(index=index)) for index in (folder, location)]
    yield apps[0].test_client(), apps[1].test_client()
    for app in apps:
        app.extensions[ENGINE].close()


@pytest.mark.parametrize("query", QUERIES)
def test_every_answer_is_the_same(clients: tuple[FlaskClient, FlaskClient], query: str) -> None:
    for state in STATES:
        for path in ("/search?", "/api/v1/search?extra=explain,positions&", "/facets/form?", "/api/v1/facets/source?"):
            asked = path + urlencode({"q": query, **state})
            ours, theirs = (client.get(asked) for client in clients)
            assert ours.status_code == theirs.status_code, asked
            assert _resolved(theirs.text) == _resolved(ours.text), asked


def test_articles_and_health_are_the_same(clients: tuple[FlaskClient, FlaskClient]) -> None:
    hits = clients[0].get("/api/v1/search?per_page=5").json
    assert hits is not None
    for hit in hits["hits"]:
        for path in (f"/articles/{hit['id']}?q=الرئيس", f"/api/v1/articles/{hit['id']}"):
            ours, theirs = (client.get(path).text for client in clients)
            assert _resolved(theirs) == _resolved(ours)
    assert [client.get("/health").status_code for client in clients] == [200, 200]


def _resolved(text: str) -> str:
    return _MOMENTS.sub("", text)
