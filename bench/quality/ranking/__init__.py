"""Ranking: how high the relevant articles stand, beside stock analyzers under the same BM25.

`python -m bench.quality.ranking --data RELEVANCE --news FILE.jsonl.gz …`; `__main__` says what is printed.
"""
