"""The analysis of Arabic. Read `pipeline.py` first."""
