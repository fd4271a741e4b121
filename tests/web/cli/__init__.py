"""The command line, as users and scripts run it."""
