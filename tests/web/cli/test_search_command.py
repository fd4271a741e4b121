"""`judhur search`: the JSON of the API, the same as text, and logical text in every pipe."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.analysis.installed import load_analyzer
from search.engines import open_engine
from search.service import SearchService
from tests.web.cli.conftest import Call
from web.app import create_app
from web.cli.command import FAILED
from web.config import Config

Process = Callable[..., subprocess.CompletedProcess[bytes]]


def timeless(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "took_ms"}


@pytest.mark.parametrize(
    ("arguments", "query_string"),
    [
        (["بوتين"], "q=بوتين"),
        (["بوتين", "ترامب"], "q=بوتين ترامب"),
        ([], ""),
        (["بوتين", "--match", "exact", "--no-variants"], "q=بوتين&match=exact&variants=0"),
        (["بوتين", "--agency", "تاس", "--agency", "-"], "q=بوتين&agency=تاس&agency=-"),
        (["بوتين", "--not-source", "-"], "q=بوتين&not_source=-"),
        (["--from", "2025-02", "--to", "2025-03-31", "--sort", "oldest"], "from=2025-02&to=2025-03-31&sort=oldest"),
        (["--page", "2", "--per-page", "2", "--extra", "evidence"], "page=2&per_page=2&extra=evidence"),
        (["--date", "unknown"], "date=unknown"),
        (["رئيس", "--form", "الرئيس", "--not-form", "الرئاسة"], "q=رئيس&form=الرئيس&not_form=الرئاسة"),
        (["رئيس", "--extra", "explain", "--extra", "positions"], "q=رئيس&extra=explain,positions"),
        (["رئيس", "--no-further", "--facets", "", "--fields", "id,title"], "q=رئيس&further=0&facets=&fields=id,title"),
        (["رئيس", "--per-page", "0", "--facets", "source", "--facets", "form"], "q=رئيس&per_page=0&facets=source,form"),
    ],
)
def test_the_json_is_the_answer_of_the_api(
    arguments: list[str], query_string: str, call: Call, seeds_index: Path
) -> None:
    printed = call("search", *arguments, "--json", "--index", seeds_index)
    config = Config(index=str(seeds_index))
    with contextlib.closing(open_engine(config.index)) as engine:
        app = create_app(SearchService(engine, load_analyzer(), zone=config.zone), config)
        answer = app.test_client().get(f"/api/v1/search?{query_string}")

    assert printed.status == 0
    assert timeless(json.loads(printed.out)) == timeless(json.loads(answer.data))


def test_all_seeds_mention_putin(call: Call, seeds_index: Path) -> None:
    assert json.loads(call("search", "بوتين", "--json", "--index", seeds_index).out)["total"]["value"] == 5


def test_the_listing_names_each_result_once(call: Call, seeds_index: Path) -> None:
    listing = call("search", "بوتين", "--index", seeds_index)
    ids = [hit["id"] for hit in json.loads(call("search", "بوتين", "--json", "--index", seeds_index).out)["hits"]]

    assert [listing.out.count(f"    {document_id}\n") for document_id in ids] == [1] * 5
    first, second = listing.out.splitlines()[:2]
    assert first.startswith("«بوتين»: ٥ نتائج")
    assert second.startswith("الكلمة نفسها ٥ · حتى مع أل والحروف والضمائر ٥ · حتى التصريفات ٥ · حتى العائلة ٥")
    assert listing.err == ""


def test_further_articles_follow_the_matches(call: Call, articles: Path, tmp_path: Path) -> None:
    call("index", "add", articles, "--index", tmp_path / "index")
    (articles / "three.txt").write_text("الوزير في بيروت\nومعه كتاب عن المدينة", "utf-8")
    call("index", "add", articles, "--index", tmp_path / "index")

    listing = call("search", "بيروت", "المدينة", "--index", tmp_path / "index").out

    assert listing.startswith("«بيروت المدينة»: نتيجة واحدة · +٢ بعض الكلمات\n")
    assert listing.count("    بعض الكلمات · ") == 2
    assert "ليس فيه: «المدينة»" in listing
    alone = call("search", "بيروت", "المدينة", "--no-further", "--index", tmp_path / "index").out
    assert [name for name in ("one", "two", "three") if f"    {name}" in alone] == ["three"]


def test_the_tiers_of_one_word_have_borders(call: Call, tmp_path: Path) -> None:
    for name, text in enumerate(("كتاب", "والكتاب", "كتب جديدة", "مكتبة")):
        (tmp_path / f"{name}.txt").write_text(text, "utf-8")
    call("index", "add", tmp_path, "--index", tmp_path / "index")

    listing = call("search", "كتاب", "--match", "exact", "--index", tmp_path / "index").out
    borders = re.findall("^(مع أل والحروف والضمائر|من التصريفات|من العائلة|من الجذر) · (.*):$", listing, re.MULTILINE)

    assert [label for label, _ in borders] == sorted({label for label, _ in borders}, key=listing.index)
    assert len(borders) > 1
    assert "لا مقال" not in listing


def test_a_list_without_matches_says_so(call: Call, seeds_index: Path) -> None:
    listing = call("search", "اتصالنا", "--match", "exact", "--index", seeds_index).out

    assert "لا مقال فيه الكلمة؛ هذه" in listing


def test_a_note_on_the_query_is_printed(call: Call, seeds_index: Path) -> None:
    assert "لا نعرف حقلا اسمه «لون»" in call("search", "لون:أحمر بوتين", "--index", seeds_index).out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--from", "32/13"], "from: Unreadable date"),
        (["--page", "0"], "page: Unreadable number"),
        (["--fields", "text"], "fields: Unknown value"),
        (["--facets", "texts"], "facets: Unknown value"),
        (["--per-page", "101"], "per_page: Unreadable number"),
        (["--match", "soft"], "--match"),
        (["--colour", "red"], "--colour"),
        (["ا" * 5000], "q: Query too long"),
    ],
)
def test_wrong_usage_is_explained_with_status_2(
    arguments: list[str], named: str, call: Call, seeds_index: Path
) -> None:
    refused = call("search", *arguments, "--index", seeds_index)

    assert refused.status == 2
    assert named in refused.err


def test_a_missing_index_gives_one_line(call: Call, tmp_path: Path) -> None:
    refused = call("search", "بوتين", "--index", tmp_path / "none")

    assert refused.status == FAILED
    assert refused.err.startswith("judhur: no index at ")
    assert refused.err.count("\n") == 1


@pytest.mark.parametrize("asked", ["visual", "logical", "auto"])
def test_a_pipe_gets_logical_text_without_styles(process: Process, seeds_index: Path, asked: str) -> None:
    for setting in ("visual", "auto"):
        piped = process("search", "بوتين", "--rtl", asked, "--index", seeds_index, JUDHUR_RTL=setting, TERM="alacritty")

        text = piped.stdout.decode()
        assert "الرئيس" in text
        assert "\033" not in text
        assert not re.search("[\ufe70-\ufeff]", text)


@pytest.mark.parametrize(
    "arguments", [("analyze", "وبالاتصالات"), ("search", "--help"), ("index", "status"), ("search", "لا_شيء_كهذا")]
)
def test_no_command_shapes_or_styles_what_a_pipe_gets(
    process: Process, seeds_index: Path, arguments: tuple[str, ...]
) -> None:
    piped = process(*arguments, JUDHUR_INDEX=str(seeds_index), JUDHUR_RTL="visual", TERM="xterm", CLICOLOR_FORCE="1")

    assert piped.stdout.strip()
    assert not re.search("[\ufb50-\ufdff\ufe70-\ufeff\u202a-\u202e\u2066-\u2069\033]", piped.stdout.decode())


def on_a_terminal(*arguments: str | Path, columns: int = 60, **environment: str) -> str:
    """Call the command with standard output and error on a pseudo-terminal; return what it wrote there."""
    own, its = pty.openpty()
    settings = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm", **environment}
    with subprocess.Popen(
        [sys.executable, "-m", "web", *arguments], stdin=subprocess.DEVNULL, stdout=its, stderr=its, env=settings
    ):
        os.close(its)
        written = b""
        with contextlib.suppress(OSError):  # Linux reports the closed end as an input error
            while chunk := os.read(own, 65536):
                written += chunk
        os.close(own)
    return written.decode().replace("\r\n", "\n")


def test_an_unknown_terminal_gets_logical_text_with_marks_and_a_hint(seeds_index: Path) -> None:
    written = on_a_terminal("search", "بوتين", "--index", seeds_index)

    assert "\033[1;4mبوتين\033[0m" in written
    assert "--rtl visual" in written


def test_a_known_terminal_gets_no_hint(seeds_index: Path) -> None:
    assert "--rtl visual" not in on_a_terminal("search", "بوتين", "--index", seeds_index, VTE_VERSION="7600")


def test_a_terminal_in_visual_order_keeps_lines_and_marks(seeds_index: Path) -> None:
    written = on_a_terminal("search", "بوتين", "--index", seeds_index, JUDHUR_RTL="visual")

    marked = re.findall("\033\\[1;4m(.*?)\033\\[0m", written)
    assert "بوتين" in [unicodedata.normalize("NFKC", word[::-1]) for word in marked]
    assert "--rtl visual" not in written


def test_json_is_the_same_on_a_terminal_in_visual_order(process: Process, seeds_index: Path) -> None:
    arguments = ("search", "بوتين", "--json", "--index", str(seeds_index))
    written = on_a_terminal(*arguments, JUDHUR_RTL="visual")

    assert timeless(json.loads(written)) == timeless(json.loads(process(*arguments).stdout))


def test_the_progress_bar_is_separated_from_arabic(articles: Path, tmp_path: Path) -> None:
    (articles / "خبر فارغ.txt").touch()

    written = on_a_terminal("index", "add", articles, "--index", tmp_path / "index", columns=100)

    bars = [line for line in re.split("[\r\n]", written) if "[#" in line or "[." in line]
    assert bars
    assert all(line.isascii() for line in bars)
    assert "خبر فارغ.txt" in written


def test_a_closed_pipe_is_not_an_error(seeds_index: Path) -> None:
    command = [sys.executable, "-m", "web", "search", "--index", str(seeds_index), "--per-page", "100"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert running.stderr.read() == b""


def test_bytes_that_are_not_text_are_refused_with_a_message(process: Process) -> None:
    refused = process("search", b"\xd9\xff")

    assert refused.returncode == 2
    assert b"argument 2 is not text in UTF-8" in refused.stderr
    assert b"Traceback" not in refused.stderr


def test_an_interruption_has_its_own_exit_status(
    call: Call, seeds_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(location: str) -> None:
        raise KeyboardInterrupt(location)

    monkeypatch.setattr("search.engines.open_engine", interrupted)

    assert call("search", "بوتين", "--index", seeds_index).status == 130


def test_the_engine_is_closed_after_a_search(call: Call, seeds_index: Path) -> None:
    call("search", "بوتين", "--index", seeds_index)

    engine = open_engine(str(seeds_index))  # warnings are errors here: an open file of the call before would be one
    engine.close()
