"""What this feature adds to the app."""

from flask import Flask


def wire(_app: Flask) -> None:
    """Nothing yet but its name."""
