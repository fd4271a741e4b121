"""Locations are compared and printed; no message contains a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from index import build
from index.errors import IndexingError, SourceError, command
from index.location import is_same_place, redacted

SECRETS = [
    "opensearch+https://me:secret@host:9200/news",
    "opensearch+https://me:sec/secret@host:9200/news",
    "opensearch+https://me:sec@secret@host:9200/news",
    "opensearch+https://me:secret\n@host:9200/news",
]


@pytest.mark.parametrize("location", SECRETS)
def test_a_location_is_printed_without_user_and_password(location: str) -> None:
    assert redacted(location) == "opensearch+https://host:9200/news"
    assert command("rebuild", location) == "`judhur index rebuild --index opensearch+https://host:9200/news`"


@pytest.mark.parametrize("location", ["var/index", "/a b/me@home", "opensearch+http://127.0.0.1:9200/news", "a:b@c"])
def test_a_location_without_a_password_is_printed_unchanged(location: str) -> None:
    assert redacted(location) == location


def test_a_location_is_printed_without_the_options_that_say_how_it_is_reached() -> None:
    location = "opensearch+https://me:a?b@h/n?ca=%2Fca.pem&shards=2&timeout=1&replicas=0&verify=0"
    assert redacted(location) == "opensearch+https://h/n?shards=2&replicas=0"
    assert redacted("opensearch+https://h/n?verify=0") == "opensearch+https://h/n"
    assert redacted("var/a?verify=0") == "var/a?verify=0"


def test_different_locations_can_be_the_same_index(tmp_path: Path) -> None:
    assert is_same_place(str(tmp_path), f"{tmp_path}/x/..")
    assert is_same_place("opensearch+http://h:1/n", "opensearch+http://me:secret@h:1/n/")
    assert not is_same_place("opensearch+http://h:1/n", "opensearch+http://h:1/m")
    assert not is_same_place(str(tmp_path), "opensearch+http://h:1/n")


def test_the_error_for_an_unknown_scheme_contains_no_password(tmp_path: Path) -> None:
    for call in (build.status, build.verify, build.rebuild, lambda place: build.migrate(str(tmp_path), place)):
        with pytest.raises(SourceError, match="no engine for") as caught:
            call("https://me:secret@host/news")
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("location", SECRETS)
def test_the_error_of_a_cluster_contains_no_password(location: str) -> None:
    """Port 1 of this machine refuses connections; an invalid address is refused before any request."""
    for call in (build.status, build.verify, build.rebuild, lambda place: build.delete_articles(place, ["x"])):
        with pytest.raises(IndexingError) as caught:
            call(location.replace("host:9200", "127.0.0.1:1"))
        assert "secret" not in str(caught.value)
