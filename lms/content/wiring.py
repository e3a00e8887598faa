"""What this feature adds to the app: its commands."""

from flask import Flask

from lms.content import cli, models


def wire(app: Flask) -> None:
    """Importing the commands has registered them; this names the dependence."""
    app.extensions["content"] = (cli.content, models.ContentLoad)
