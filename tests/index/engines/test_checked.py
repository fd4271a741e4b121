"""Arrays that are checked by blocks: they read as the array does, and a damaged block is refused when it is read."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.engines.embedded.arrays import ArrayFile, ArrayFileWriter
from index.engines.embedded.checked import BLOCK, BlockSums
from index.errors import IndexDamagedError

SIZE = 6 * BLOCK + 100
"""Elements, of one to eight bytes."""

KINDS = ("|u1", "<u2", "<u4", "<u8", "<f8")


def written(path: Path, kind: str) -> np.ndarray[tuple[int], np.dtype[np.number]]:
    """Write a file with three arrays, of which the middle one is returned."""
    array = (np.arange(SIZE) * 7 % 251).astype(kind)
    file = ArrayFileWriter(path)
    file.put("before", np.arange(3 * BLOCK, dtype="<u4"))
    file.put_chunks("large", kind, np.array_split(array, 5))
    file.put("after", np.arange(70_000, 70_010, dtype="<u4"))
    file.finish({})
    return array


@pytest.fixture(scope="module", params=KINDS)
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    path = tmp_path_factory.mktemp("arrays") / "index" / "segments-0001" / "a.seg"
    path.parent.mkdir(parents=True)
    return path, written(path, request.param)


INDICES = st.one_of(
    st.slices(SIZE).map(lambda part: slice(part.start, part.stop)),
    st.lists(st.integers(0, SIZE - 1), max_size=50).map(lambda numbers: np.array(numbers, np.int64)),
)


@settings(max_examples=100, deadline=None)
@given(index=INDICES)
def test_it_reads_as_the_array_does(sample: tuple[Path, np.ndarray], index: slice | np.ndarray) -> None:
    path, array = sample
    checked = ArrayFile(path).checked("large")
    assert checked[index].tolist() == array[index].tolist()
    assert (len(checked), checked.dtype) == (len(array), array.dtype)


@settings(max_examples=100, deadline=None)
@given(index=INDICES, victim=st.integers(0, SIZE - 1))
def test_a_damaged_block_is_refused_exactly_when_it_is_read(
    sample: tuple[Path, np.ndarray],
    tmp_path_factory: pytest.TempPathFactory,
    index: slice | np.ndarray,
    victim: int,
) -> None:
    path, array = sample
    damaged = tmp_path_factory.mktemp("damaged") / "index" / "segments-0001" / "a.seg"
    damaged.parent.mkdir(parents=True)
    content = bytearray(path.read_bytes())
    content[offset_of(path, "large") + victim * array.itemsize] ^= 1
    damaged.write_bytes(content)
    per_block = BLOCK // array.itemsize
    touched = {int(number) // per_block for number in np.arange(SIZE)[index]}
    checked = ArrayFile(damaged).checked("large")
    if victim // per_block in touched:
        for _ in range(2):
            with pytest.raises(IndexDamagedError, match="damaged in its large; run `judhur index rebuild"):
                checked[index]
    else:
        assert checked[index].tolist() == array[index].tolist()
    with pytest.raises(IndexDamagedError, match="damaged in its large"):
        checked.whole()


def offset_of(path: Path, name: str) -> int:
    view = ArrayFile(path).checked(name).whole()
    content = path.read_bytes()
    return content.index(view.tobytes())


def without_block_checksums(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the file as versions before 0.3.0 did."""
    put = ArrayFileWriter.put

    def put_others(writer: ArrayFileWriter, name: str, array: np.ndarray) -> None:
        if name != "block_checksums":
            put(writer, name, array)

    with monkeypatch.context() as patched:
        patched.setattr(ArrayFileWriter, "put", put_others)
        written(path, "<u2")


def test_a_file_of_before_is_checked_by_whole_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.seg"
    without_block_checksums(path, monkeypatch)
    assert ArrayFile(path).checked("large")[5:8].tolist() == [35, 42, 49]
    content = bytearray(path.read_bytes())
    content[offset_of(path, "large") + 2 * (SIZE - 1)] ^= 1
    path.write_bytes(content)
    with pytest.raises(IndexDamagedError, match="damaged in its large"):
        ArrayFile(path).checked("large")[5:8]


@pytest.mark.parametrize("name", ["before", "large", "after", "block_checksums"])
@pytest.mark.parametrize(
    "read",
    [
        lambda file: list(file.scan()),
        lambda file: file.check(),
        lambda file: [file[name] for name in ("before", "large", "after")],
    ],
)
def test_damage_anywhere_is_found_by_a_scan(tmp_path: Path, name: str, read: Callable[[ArrayFile], object]) -> None:
    path = tmp_path / "a.seg"
    written(path, "<u4")
    shutil.copyfile(path, tmp_path / "b.seg")
    content = bytearray(path.read_bytes())
    content[offset_of(path, name) + 4] ^= 1
    path.write_bytes(content)
    with pytest.raises(IndexDamagedError, match=f"damaged in its {name}"):
        read(ArrayFile(path))
    read(ArrayFile(tmp_path / "b.seg"))


@given(data=st.binary(max_size=3 * BLOCK), cuts=st.lists(st.integers(0, 3 * BLOCK), max_size=5))
@settings(deadline=None)
def test_the_checksums_do_not_depend_on_the_pieces(data: bytes, cuts: list[int]) -> None:
    whole, pieces = BlockSums(), BlockSums()
    whole.add(memoryview(data))
    bounds = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for begin, end in itertools.pairwise(bounds):
        pieces.add(memoryview(data)[begin:end])
    assert whole.result().tolist() == pieces.result().tolist()
    assert len(whole.result()) == -(-len(data) // BLOCK)
