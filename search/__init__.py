"""The read path: a request in, ranked hits out. Imports `index`, never `web`."""
