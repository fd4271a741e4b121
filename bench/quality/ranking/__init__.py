"""Ranking: ranks of the relevant articles, compared with stock analyzers of Arabic under the same BM25.

`python -m bench.quality.ranking --data RELEVANCE --news FILE.jsonl.gz …`; `__main__` says what is printed.
"""
