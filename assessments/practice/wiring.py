"""What this feature adds to the app."""

from flask import Flask

from assessments.practice import models  # noqa: F401 - the tables


def wire(app: Flask) -> None:
    """Nothing yet to add."""
