"""Tests of the analysis of Arabic."""
