"""Opening an index whose files a rebuild replaces."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from index.errors import IndexDamagedError
from search.engines.embedded.opening import OPEN_ATTEMPTS, retrying


def failing(times: int) -> Callable[[], str]:
    left = [IndexDamagedError("the files were replaced")] * times

    def attempt() -> str:
        if left:
            raise left.pop()
        return "opened"

    return attempt


@pytest.mark.parametrize("times", range(OPEN_ATTEMPTS))
def test_an_index_is_opened_if_one_attempt_finds_it_undamaged(times: int) -> None:
    assert retrying(failing(times)) == "opened"


def test_damage_that_every_attempt_finds_is_raised() -> None:
    with pytest.raises(IndexDamagedError, match="replaced"):
        retrying(failing(OPEN_ATTEMPTS))
