"""The files of deploy/ and the page that uses them: systemd and nginx take them, and what they name exists."""

from __future__ import annotations

import re
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_docs import commands
from web.arguments import MAX_QUERY_STRING
from web.cli.main import judhur
from web.config import Config
from web.limits import MAX_ANSWER
from web.serve import MAX_CONNECTIONS, OWN_FILES, STOP_SECONDS

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
PAGE = ROOT / "docs" / "how-to" / "run-as-a-service.md"
UNITS = sorted((*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
PROGRAM = "/opt/judhur/.venv/bin/judhur"
MOST_EXPOSED = 20
"""Tenths of systemd's measure of exposure, 0 (none) to 100; a unit without any hardening has 96."""

_SYSTEMD = shutil.which("systemd-analyze")
_NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
with_systemd = pytest.mark.skipif(_SYSTEMD is None, reason="systemd-analyze is not installed")
with_nginx = pytest.mark.skipif(_NGINX is None, reason="nginx is not installed")


def settings(unit: Path) -> dict[str, str]:
    """Return the settings of a unit; of several with one name the last."""
    return dict(re.findall(r"^(\w+)=(.*)$", unit.read_text("utf-8"), re.MULTILINE))


@pytest.fixture
def installed(tmp_path: Path) -> list[Path]:
    """The units, with a program that exists on this machine."""
    program = tmp_path / "judhur"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text("utf-8").replace(PROGRAM, str(program)), "utf-8")
    return [tmp_path / unit.name for unit in UNITS]


@with_systemd
def test_systemd_takes_the_units_without_a_warning(installed: list[Path]) -> None:
    checked = subprocess.run(
        [str(_SYSTEMD), "verify", "--man=no", *installed], capture_output=True, check=False, text=True
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@with_systemd
@pytest.mark.parametrize("name", [unit.name for unit in SERVICES])
def test_the_services_are_hardened(installed: list[Path], name: str) -> None:
    (unit,) = [path for path in installed if path.name == name]
    checked = subprocess.run(
        [str(_SYSTEMD), "security", "--offline=yes", f"--threshold={MOST_EXPOSED}", "--no-pager", unit],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout


@with_nginx
def test_nginx_takes_the_site(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = tmp_path / "site.conf"
    site.write_text((DEPLOY / "nginx.conf").read_text("utf-8").replace("listen 80;", f"listen 127.0.0.1:{port};"))
    main = tmp_path / "nginx.conf"
    paths = "".join(
        f"{name}_temp_path {tmp_path / name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main.write_text(
        f"pid {tmp_path / 'pid'}; error_log stderr; events {{}} http {{ access_log off; {paths} include {site}; }}"
    )
    checked = subprocess.run([str(_NGINX), "-t", "-c", main], capture_output=True, check=False, text=True)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr.replace("could not open error log file", "")


def called(text: str) -> Iterator[list[str]]:
    """Yield the words of each call of the program in a shell script or a unit."""
    for call in re.findall(rf"{re.escape(PROGRAM)} ([^\n]*)", text):
        yield shlex.split(call.rstrip("'"), comments=True)


CALLS = [(file.name, words) for file in (*SERVICES, PAGE) for words in called(file.read_text("utf-8"))]


def test_every_service_and_the_page_call_the_program() -> None:
    assert {name for name, _ in CALLS} == {file.name for file in (*SERVICES, PAGE)}


@pytest.mark.parametrize(("name", "words"), CALLS)
def test_every_command_exists(name: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for _, command in commands(judhur):
        monkeypatch.setattr(command, "callback", lambda **_: None)

    assert judhur.main(words, prog_name="judhur", standalone_mode=False) is None, name


def test_every_setting_exists() -> None:
    known = (ROOT / "docs" / "reference" / "configuration.md").read_text("utf-8")
    for file in (*DEPLOY.iterdir(), PAGE):
        for name in re.findall(r"JUDHUR_[A-Z_]+", file.read_text("utf-8")):
            assert f"`{name}`" in known, f"{file.name}: {name}"


def test_the_page_makes_the_users_and_folders_of_the_units() -> None:
    page = PAGE.read_text("utf-8")
    for unit in SERVICES:
        values = settings(unit)
        assert re.search(rf"useradd .*--gid {values['Group']} .* {values['User']}$", page, re.MULTILINE)
        for path in (values.get("ReadWritePaths") or values["ReadOnlyPaths"]).split():
            assert re.search(rf"install -d -o judhur .*{path}\b", page), path
        assert values["EnvironmentFile"] in page
    assert all(unit.name in page for unit in UNITS)


def test_the_server_has_no_right_to_write() -> None:
    server = settings(DEPLOY / "judhur.service")
    assert (server["ProtectSystem"], server["ReadOnlyPaths"]) == ("strict", "/var/lib/judhur")
    assert "ReadWritePaths" not in server
    assert server["User"] != settings(DEPLOY / "judhur-verify.service")["User"]


def test_the_units_and_the_site_leave_room_for_the_limits_of_the_server() -> None:
    server = settings(DEPLOY / "judhur.service")
    assert int(server["LimitNOFILE"]) == MAX_CONNECTIONS + OWN_FILES
    assert int(server["TimeoutStopSec"]) > STOP_SECONDS
    site = dict(re.findall(r"^\s+(\w+) ([^;]*);", (DEPLOY / "nginx.conf").read_text("utf-8"), re.MULTILINE))
    count, size = site["proxy_buffers"].removesuffix("k").split()
    assert int(count) * int(size) * 1024 >= MAX_ANSWER
    assert int(site["proxy_read_timeout"].removesuffix("s")) * 1000 > Config().deadline_ms
    count, size = site["large_client_header_buffers"].removesuffix("k").split()
    assert int(size) * 1024 > MAX_QUERY_STRING
