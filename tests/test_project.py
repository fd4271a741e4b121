"""What holds for the project as a whole: which files are checked, and what its own tools promise."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
_NOT_OURS = frozenset({".venv", "build", "var"})


def test_the_types_of_every_python_file_are_checked() -> None:
    checked = [ROOT / name for name in TOOLS["mypy"]["files"]]
    files = [path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] not in _NOT_OURS]

    assert len(files) > 100
    assert [path for path in files if not any(path == one or one in path.parents for one in checked)] == []


def test_the_setup_script_names_every_part_that_it_installs() -> None:
    script = (ROOT / "scripts" / "setup").read_text("utf-8")
    parts = re.findall(r"^(\w+)\)$", script, re.MULTILINE)

    assert script.splitlines()[1].startswith(f"# scripts/setup {'|'.join(parts)}: ")


def test_a_coverage_below_the_floor_is_a_failure(tmp_path: Path) -> None:
    coverage = [sys.executable, "-m", "coverage"]
    data = f"--data-file={tmp_path / 'data'}"
    subprocess.run([*coverage, "run", data, "-m", "index.schema"], cwd=ROOT, check=True)

    report = subprocess.run([*coverage, "report", data], cwd=ROOT, check=False, capture_output=True, text=True)

    assert report.returncode == 2
    assert "Coverage failure" in report.stdout + report.stderr
