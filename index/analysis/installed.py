"""The analyzer of this process: the one place that says which language an installation analyzes.

`index.build`, `web.serve` and `web.cli` hand it to what analyzes articles and queries. Engines compare its version with
that of an index, and worker processes load their own; both ask here, since one process has one analyzer.
"""

from __future__ import annotations

from index.analysis.analyzer import ParallelAnalyzer
from index.analysis.arabic.analyzer import load_arabic_analyzer


def load_analyzer() -> ParallelAnalyzer:
    """Return the installed analyzer: loaded at the first call, the same object at later calls.

    Raises:
        OSError: a data file is missing or damaged.
    """
    return load_arabic_analyzer()
