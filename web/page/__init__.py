"""The page: its routes, what they show, templates and static files."""
