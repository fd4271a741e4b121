"""Settings: what is read from the environment, and what is refused at start."""

from __future__ import annotations

import re
import zoneinfo
from pathlib import Path

import pytest

from index.engines.opensearch.connection import ClusterAddress
from web.config import Config, ConfigError, Digits, Rtl, SourceNames, order_of_letters


def test_an_empty_environment_is_the_default_configuration() -> None:
    assert Config.from_environment({"JUDHUR_PORT": "", "PATH": "/bin"}) == Config()


def test_an_empty_variable_counts_as_not_set() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "configuration.md").read_text("utf-8")
    empty = dict.fromkeys(re.findall(r"^\| `(JUDHUR_\w+)`", page, re.MULTILINE), "")
    assert len(empty) > 15
    assert Config.from_environment(empty) == Config.from_environment({})
    for option in Rtl:
        assert order_of_letters(option, empty) is option
    location = "opensearch+http://localhost:9200/name"
    assert ClusterAddress.of(location, empty) == ClusterAddress.of(location, {})


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
        deadline_ms=500,
        watchdog_seconds=9,
        digits=Digits.LATN,
        labels=labels,
        names=SourceNames({"aljazeera": "الجزيرة"}),
    )


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
