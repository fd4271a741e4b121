"""The analysis of Arabic. Read `analyzer.py` first."""
