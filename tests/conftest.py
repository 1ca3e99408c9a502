"""Settings for all tests."""

import os

from hypothesis import settings

# A busy machine is no failure; in CI the same examples are drawn every time.
settings.register_profile("ctqa", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("ctqa")
