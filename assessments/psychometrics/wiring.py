"""What psychometrics adds to the app: commands."""

from flask import Flask

from assessments.psychometrics import cli

__all__ = ["cli", "wire"]  # importing it has made the commands


def wire(app: Flask) -> None:
    """Nothing but the commands, which are there already."""
