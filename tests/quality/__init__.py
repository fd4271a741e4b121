"""Quality: recall and ranking on judged queries."""
