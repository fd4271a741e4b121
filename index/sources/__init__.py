"""Readers of articles: text folders, JSON Lines, CSV, HTML pages and feeds are converted to Documents with evidence."""

from __future__ import annotations

from index.sources.reader import ArticleReader

__all__ = ["ArticleReader"]
