"""Imported once by the process that all others are forked from; this module therefore does its work at import."""

from __future__ import annotations

import search.engines  # noqa: F401 - loaded here, so that forked processes need not
from index.analysis.installed import load_analyzer
from tests.torture import driver, history, library, stock  # noqa: F401 - as above

load_analyzer().analyze(history.document("1", 1).text)
