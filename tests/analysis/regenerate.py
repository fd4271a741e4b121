"""Write the golden file of the seeds anew: `python -m tests.analysis.regenerate`, then read the difference."""

from __future__ import annotations

from index.analysis.pipeline import load_analyzer
from tests.analysis.test_golden import GOLDEN, lines

if __name__ == "__main__":
    GOLDEN.write_text("\n".join(lines(load_analyzer())) + "\n", encoding="utf-8")
