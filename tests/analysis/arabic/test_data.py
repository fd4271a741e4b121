"""The shipped data files, and the script that counts words."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from index.analysis.arabic import analyzer

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "index" / "analysis" / "arabic" / "data"
LINES = (DATA / "SHA256SUMS").read_text(encoding="ascii").splitlines()
SUMS = {name: digest for digest, name in (line.split() for line in LINES)}


def test_checksums_cover_every_file_of_the_fingerprint() -> None:
    assert set(SUMS) == set(analyzer._DATA_FILES)


@pytest.mark.parametrize("name", sorted(SUMS))
def test_checksums_hold(name: str) -> None:
    digest = hashlib.sha256((DATA / name).read_bytes()).hexdigest()
    assert digest == SUMS[name], f"{name} changed: see {DATA / 'README.md'} for the files to rebuild then"


@pytest.mark.parametrize("name", sorted(SUMS))
def test_the_readme_names_the_source_of_each_file(name: str) -> None:
    assert f"`{name}`" in (DATA / "README.md").read_text(encoding="utf-8")


def test_counts_are_sorted_and_without_a_date() -> None:
    packed = (DATA / "word_counts.tsv.gz").read_bytes()
    assert packed[4:8] == bytes(4), "the gzip header has a time"
    lines = gzip.decompress(packed).decode().splitlines()
    assert lines == sorted(lines, key=lambda line: line.partition("\t")[0])
    assert all(int(line.partition("\t")[2]) >= 2 for line in lines)


def test_counting_is_reproducible(tmp_path: Path) -> None:
    articles = [
        {"title": "الوزير", "text": "قال الوزيرُ رحيمًا رحيمًا CNN"},
        {"title": None, "text": "قال الوزير إنَّ علي"},
    ]
    plain = tmp_path / "news.jsonl"
    plain.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    packed = tmp_path / "news.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    for source in (plain, packed):
        command = [sys.executable, "-m", "scripts.count_words", str(source.with_suffix(".counts")), str(source)]
        run = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8", cwd=ROOT)
        assert run.stdout.startswith("9 tokens, 5 forms, 3 written")
    assert plain.with_suffix(".counts").read_bytes() == packed.with_suffix(".counts").read_bytes()
    counts = gzip.decompress(plain.with_suffix(".counts").read_bytes()).decode()
    assert counts == "الوزير\t3\nرحيم\t2\nقال\t2\n"
