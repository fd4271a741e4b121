"""Loaded once, by the process from which the others are forked; so this module, unlike others, works at import."""

from __future__ import annotations

import index.build
import search.engines  # noqa: F401 - loaded here so that no forked process has to
from tests.torture import history

index.build.load_analyzer().analyze(history.document("1", 1).text)
