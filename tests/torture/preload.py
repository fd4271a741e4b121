"""Loaded once, by the process from which the others are forked; so this module, unlike others, works at import."""

from __future__ import annotations

import search.engines  # noqa: F401 - loaded here so that no forked process has to
from index.analysis.pipeline import load_analyzer
from tests.torture import driver, history, library, stock  # noqa: F401 - as above

load_analyzer().analyze(history.document("1", 1).text)
