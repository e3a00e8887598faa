"""Tests. What an installation in this checkout is set to (a demo, say) is nothing to them."""

import os

os.environ["LMS_ENV_FILE"] = os.devnull
