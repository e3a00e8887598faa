"""What this feature adds to the app."""

from flask import Flask


def wire(app: Flask) -> None:
    """Nothing yet to add."""
