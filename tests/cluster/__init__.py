"""The harness that runs a real cluster, and whether this machine can."""
