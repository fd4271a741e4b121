"""Quality of morphology and ranking, measured on data that are not part of the project."""
