"""TLS and passwords, as in production: what is accepted, what is rejected, and that no message contains a secret."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme

from index import build
from index.engines.opensearch.address import ClusterAddress
from index.engines.opensearch.connection import Cluster, ClusterError
from index.location import CA, PASSWORD, USER, VERIFY
from search.engines import open_engine
from tests.cluster import secure
from tests.cluster.articles import SEEDS, found_ids, outcome
from tests.cluster.running import reason_to_skip
from web.cli.main import run
from web.config import completed_location

pytestmark = pytest.mark.opensearch
if REASON := reason_to_skip():
    pytest.skip(REASON, allow_module_level=True)

LET_IN = f"{secure.USER}:{quote(secure.PASSWORD, safe='')}@"


def reached(location: str) -> str:
    """Return a location as commands and server complete it."""
    return completed_location(location, os.environ)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return the certificate authority of the tests."""
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust that authority."""
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv(CA, str(file))


@pytest.fixture
def proxies(cluster_urls: tuple[str, ...], authority: trustme.CA) -> Iterator[str]:
    """Yield the hosts of the proxies, as in a location."""
    with secure.proxy(cluster_urls[0], authority) as first, secure.proxy(cluster_urls[-1], authority) as second:
        yield f"{first},{second}"


@pytest.fixture
def name(cluster_urls: tuple[str, ...]) -> Iterator[str]:
    """Yield the name of an index that does not exist yet, with its options."""
    made = f"s-{secrets.token_hex(5)}"
    yield f"{made}?shards=1&replicas=0"
    cluster = Cluster(ClusterAddress.of(f"opensearch+{cluster_urls[0]}/{made}"))
    cluster.call("DELETE", f"/{made}-*", timeout=60)
    cluster.close()


@pytest.mark.usefixtures("trusted")
def test_articles_are_added_and_found_behind_a_password(
    proxies: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    location = f"opensearch+https://{LET_IN}{proxies}/{name}"

    assert outcome(build.add_articles(reached(location), [SEEDS])) == {"added": 5}
    assert len(found_ids(reached(location))) == 5
    assert build.verify(reached(location)) == ()
    assert run(["index", "status", "--index", location]) == 0

    told = capsys.readouterr()
    assert proxies in told.out
    assert "secret" not in told.out + told.err + repr(ClusterAddress.of(location))


@pytest.mark.usefixtures("trusted")
def test_user_and_password_may_be_in_the_environment(proxies: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(USER, secure.USER)
    monkeypatch.setenv(PASSWORD, secure.PASSWORD)
    location = reached(f"opensearch+https://{proxies}/{name}")

    assert outcome(build.add_articles(location, [SEEDS])) == {"added": 5}
    with open_engine(location).searcher() as searcher:
        assert searcher.info().documents == 5


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("who", ["", "chief:wrong-secret@", "somebody@"])
def test_rejected_credentials_are_reported_in_one_line_without_secrets(
    who: str, proxies: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    location = f"opensearch+https://{who}{proxies}/{name}"

    for command in (["status"], ["add", str(SEEDS)]):
        assert run(["index", *command, "--index", location]) == 1

        told = capsys.readouterr()
        assert told.out == ""
        assert "denies access" in told.err
        assert USER in told.err
        lines = [line for line in told.err.splitlines() if "warning: everybody on this machine can see" not in line]
        assert len(lines) == 1
        assert "secret" not in told.err


def test_a_certificate_of_an_unknown_authority_is_not_accepted(
    proxies: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = f"opensearch+https://{LET_IN}{proxies}/{name}"
    with pytest.raises(ClusterError, match=f"certificate of the nodes was not accepted.*{CA}") as raised:
        build.status(location)
    assert "secret" not in str(raised.value)

    monkeypatch.setenv(VERIFY, "0")
    assert outcome(build.add_articles(reached(location), [SEEDS])) == {"added": 5}


@pytest.mark.usefixtures("trusted")
def test_the_certificate_of_another_machine_is_not_accepted(
    cluster_urls: tuple[str, ...], authority: trustme.CA, name: str
) -> None:
    with (
        secure.proxy(cluster_urls[0], authority, "elsewhere.example") as address,
        pytest.raises(ClusterError, match="certificate of the nodes was not accepted"),
    ):
        build.status(reached(f"opensearch+https://{LET_IN}{address}/{name}"))


def test_a_host_with_tls_is_distinguished_from_one_without(
    proxies: str, name: str, cluster_urls: tuple[str, ...]
) -> None:
    with pytest.raises(ClusterError, match=r"cannot be reached .*; .* opensearch\+https: where nodes speak TLS"):
        build.status(f"opensearch+http://{proxies}/{name}")
    plain = cluster_urls[0].partition("://")[2]
    with pytest.raises(ClusterError, match=r"does not speak TLS .*; give opensearch\+http:"):
        build.status(f"opensearch+https://{plain}/{name}")
