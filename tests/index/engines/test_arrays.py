"""Files of arrays: arrays are read as they were written, and damaged files are refused."""

from __future__ import annotations

from bisect import bisect_left
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.engines.embedded.arrays import (
    ArrayFile,
    ArrayFileWriter,
    SortedStrings,
    narrowed,
    put_strings,
    strings_of,
)
from index.errors import IndexDamagedError


def written(path: Path) -> Path:
    file = ArrayFileWriter(path)
    file.put("numbers", np.arange(1000, dtype="<u4"))
    file.put("none", np.empty(0, "<i8"))
    file.put_chunks("parts", "<u2", [np.array([1, 2]), np.empty(0, np.int64), np.array([3])])
    put_strings(file, "words", [b"", "جذور".encode(), b"roots"])
    file.finish({"documents": 3})
    return path


def test_arrays_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = ArrayFile(written(tmp_path / "a.seg"))
    assert file.facts == {"documents": 3}
    assert file["numbers"].tolist() == list(range(1000))
    assert file["parts"].tolist() == [1, 2, 3]
    assert len(file["none"]) == 0
    assert strings_of(file, "words").all() == [b"", "جذور".encode(), b"roots"]
    assert list(file.damages()) == []
    assert file.optional("missing") is None


def test_a_missing_array_raises_an_error(tmp_path: Path) -> None:
    with pytest.raises(IndexDamagedError, match="lacks the array missing"):
        ArrayFile(written(tmp_path / "a.seg"))["missing"]


def test_arrays_cannot_be_written_to(tmp_path: Path) -> None:
    numbers = ArrayFile(written(tmp_path / "a.seg"))["numbers"]
    with pytest.raises(ValueError, match="read-only"):
        numbers[0] = 1


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_flipped_byte_is_detected_unless_it_is_padding(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = written(tmp_path_factory.mktemp("arrays") / "a.seg")
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        file = ArrayFile(path)
        damages = list(file.damages())
    except IndexDamagedError:
        return
    if not damages:
        assert file["numbers"].tolist() == list(range(1000))
        assert file["parts"].tolist() == [1, 2, 3]
        assert strings_of(file, "words").all() == [b"", "جذور".encode(), b"roots"]


@pytest.mark.parametrize("length", [0, 1, 7, 500, -1])
def test_a_truncated_file_is_refused(tmp_path: Path, length: int) -> None:
    path = written(tmp_path / "a.seg")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(IndexDamagedError):
        ArrayFile(path)


def test_another_valid_file_under_the_same_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexDamagedError, match="not the file that was written"):
        ArrayFile(written(tmp_path / "a.seg"), checksum=1)


@pytest.mark.parametrize(("largest", "kind"), [(0, "u1"), (255, "u1"), (256, "u2"), (65_536, "u4"), (1 << 32, "u8")])
def test_numbers_have_the_narrowest_sufficient_dtype(largest: int, kind: str) -> None:
    values = narrowed(np.array([0, largest], np.int64))
    assert values.dtype == np.dtype(kind)
    assert values.tolist() == [0, largest]


@settings(deadline=None)
@given(strings=st.lists(st.binary(max_size=4), max_size=300), key=st.binary(max_size=4))
def test_string_lookup_agrees_with_bisection(
    tmp_path_factory: pytest.TempPathFactory, strings: list[bytes], key: bytes
) -> None:
    path = tmp_path_factory.mktemp("strings") / "a.seg"
    file = ArrayFileWriter(path)
    put_strings(file, "words", strings)
    file.finish({})
    order = narrowed(np.array(sorted(range(len(strings)), key=strings.__getitem__), np.int64))
    found = SortedStrings(strings_of(ArrayFile(path), "words"), order).lower_bound(key)
    assert found == bisect_left(sorted(strings), key)
