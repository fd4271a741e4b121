"""Quality: what is found, and how high, on judged queries."""
