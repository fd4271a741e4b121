"""What the test of the regular expressions needs: every pattern of a package, and inputs that make a bad one slow."""
