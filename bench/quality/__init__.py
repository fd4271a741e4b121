"""Quality: pinned figures on data that are not part of the project."""
