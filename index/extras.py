"""Optional libraries: a missing one raises an error that names the extra to install.

The extras are those of pyproject.toml, under `[project.optional-dependencies]`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Literal

from index.errors import MissingExtraError

Extra = Literal["feeds", "html", "opensearch"]


@contextlib.contextmanager
def importing(extra: Extra, use: str) -> Iterator[None]:
    """Import libraries of `extra` within this context; `use`, a plural, names what needs them in the message.

    Raises:
        MissingExtraError: a library is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"{use} need the library {error.name}; install judhur[{extra}]") from error
