"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes says how busy the machine is: speed is measured in bench/, never in a test.
settings.register_profile("judhur", deadline=None)
settings.load_profile("judhur")
