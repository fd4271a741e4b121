"""Settings: what is read from the environment, and what is refused at start."""

from __future__ import annotations

import re
import zoneinfo
from pathlib import Path

import pytest

from index.engines.opensearch.address import ClusterAddress
from index.errors import SourceError
from web.config import MAX_PROCESSES, Config, ConfigError, Digits, Rtl, SourceNames, order_of_letters

AWKWARD = "a/secret:p@ss?"


def test_an_empty_environment_is_the_default_configuration() -> None:
    assert Config.from_environment({"JUDHUR_PORT": "", "PATH": "/bin"}) == Config()


def test_an_empty_variable_counts_as_not_set() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "configuration.md").read_text("utf-8")
    empty = dict.fromkeys(re.findall(r"^\| `(JUDHUR_\w+)`", page, re.MULTILINE), "")
    assert len(empty) > 15
    assert Config.from_environment(empty) == Config.from_environment({})
    for option in Rtl:
        assert order_of_letters(option, empty) is option
    location = {"JUDHUR_INDEX": "opensearch+http://localhost:9200/name"}
    assert Config.from_environment(empty | location).index == location["JUDHUR_INDEX"]


def test_the_order_of_letters_is_that_of_the_command_line_or_else_of_the_setting() -> None:
    for setting in Rtl:
        assert order_of_letters(Rtl.AUTO, {"JUDHUR_RTL": setting.value}) is setting
        assert order_of_letters(Rtl.LOGICAL, {"JUDHUR_RTL": setting.value}) is Rtl.LOGICAL
        assert order_of_letters(Rtl.VISUAL, {"JUDHUR_RTL": setting.value}) is Rtl.VISUAL


@pytest.mark.parametrize("option", Rtl)
def test_an_invalid_order_of_letters_is_refused_by_name(option: Rtl) -> None:
    with pytest.raises(ConfigError, match="JUDHUR_RTL='rtl' is not one of auto, logical, visual"):
        order_of_letters(option, {"JUDHUR_RTL": "rtl"})


def test_every_setting_is_read(tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("\ufeffid,name\naljazeera,الجزيرة\n", encoding="utf-8")
    config = Config.from_environment(
        {
            "JUDHUR_INDEX": "/data/index",
            "JUDHUR_ZONE": "Africa/Tunis",
            "JUDHUR_HOST": "::1",
            "JUDHUR_PORT": "9000",
            "JUDHUR_PROCESSES": "2",
            "JUDHUR_CACHE_MB": "80",
            "JUDHUR_ANSWERS_MB": "0",
            "JUDHUR_DEADLINE_MS": "500",
            "JUDHUR_WATCHDOG_SECONDS": "9",
            "JUDHUR_DIGITS": "latn",
            "JUDHUR_LABELS": str(labels),
        }
    )
    assert config == Config(
        index="/data/index",
        zone=zoneinfo.ZoneInfo("Africa/Tunis"),
        host="::1",
        port=9000,
        processes=2,
        cache_mb=80,
        answers_mb=0,
        deadline_ms=500,
        watchdog_seconds=9,
        digits=Digits.LATN,
        labels=labels,
        names=SourceNames({"aljazeera": "الجزيرة"}),
    )


def test_the_url_of_an_index_is_completed_by_the_environment_and_prevails(tmp_path: Path) -> None:
    authority = tmp_path / "a b&c.pem"
    authority.touch()
    environment = {
        "JUDHUR_OPENSEARCH_USER": "chief",
        "JUDHUR_OPENSEARCH_PASSWORD": AWKWARD,
        "JUDHUR_OPENSEARCH_CA": str(authority),
        "JUDHUR_OPENSEARCH_VERIFY": "0",
        "JUDHUR_OPENSEARCH_TIMEOUT": "2.5",
    }

    def address(location: str) -> ClusterAddress:
        return ClusterAddress.of(Config.from_environment(environment | {"JUDHUR_INDEX": location}).index)

    assert address("opensearch+https://h/n") == ClusterAddress(
        (("h", 443),), secure=True, name="n", user="chief", password=AWKWARD, ca=authority, verify=False,
        timeout=2.5,
    )  # fmt: skip
    own = address("opensearch+https://me:own@h/n?shards=2&verify=1&timeout=7")
    assert (own.user, own.password, own.shards, own.verify, own.timeout, own.ca) == ("me", "own", 2, True, 7, authority)
    assert (address("opensearch+https://me@h/n").user, address("opensearch+https://me@h/n").password) == (
        "me",
        AWKWARD,
    )
    assert Config.from_environment(environment | {"JUDHUR_INDEX": "var/index"}).index == "var/index"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("JUDHUR_OPENSEARCH_CA", "/none.pem"), ("JUDHUR_OPENSEARCH_VERIFY", "no"), ("JUDHUR_OPENSEARCH_TIMEOUT", "0")],
)
def test_an_invalid_setting_of_a_cluster_is_named_with_its_value(variable: str, value: str) -> None:
    location = Config.from_environment({variable: value, "JUDHUR_INDEX": "opensearch+https://me:secret@h/n"}).index
    with pytest.raises(SourceError, match=variable) as refused:
        ClusterAddress.of(location)
    assert value in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("JUDHUR_ZONE", "Mars/Olympus"),
        ("JUDHUR_ZONE", "../etc/passwd"),
        ("JUDHUR_HOST", "http://localhost"),
        ("JUDHUR_PORT", "0"),
        ("JUDHUR_PORT", "65536"),
        ("JUDHUR_PORT", "٨٠٠٠"),
        ("JUDHUR_PROCESSES", "many"),
        ("JUDHUR_ANSWERS_MB", "-1"),
        ("JUDHUR_DEADLINE_MS", "0"),
        ("JUDHUR_DEADLINE_MS", "600001"),
        ("JUDHUR_WATCHDOG_SECONDS", "0.5"),
        ("JUDHUR_DIGITS", "roman"),
        ("JUDHUR_LABELS", "/nonexistent/labels.csv"),
    ],
)
def test_an_invalid_setting_is_named_with_its_value(variable: str, value: str) -> None:
    with pytest.raises(ConfigError, match=variable) as refused:
        Config.from_environment({variable: value})
    assert value in str(refused.value)


@pytest.mark.parametrize(
    "table", ["name\nx\n", "id,name\nx,\n", "id,name\na,same\nb,same\n", b"id,name\n\xff,x\n".decode("latin-1")]
)
def test_a_misleading_table_of_names_is_refused(tmp_path: Path, table: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(table.encode("latin-1"))
    with pytest.raises(ConfigError, match="JUDHUR_LABELS"):
        Config.from_environment({"JUDHUR_LABELS": str(path)})


def test_by_default_there_is_a_process_for_each_processor_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    for available, processes in ((1, 1), (3, 3), (500, MAX_PROCESSES)):
        monkeypatch.setattr("web.config.processors", lambda available=available: available)
        assert Config.from_environment({}).processes == processes
    assert Config.from_environment({"JUDHUR_PROCESSES": "2"}).processes == 2
