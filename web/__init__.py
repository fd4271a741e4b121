"""HTTP and the command line over one engine."""
