"""What this feature adds to the app."""

from flask import Flask

from lms.institutions import cli  # noqa: F401 - its commands


def wire(app: Flask) -> None:
    """The import of divisions."""
