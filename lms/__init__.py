"""Who, where, and the plumbing."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["create_app"]


def create_app(*given: Any, **named: Any) -> "Flask":
    """Build the application (see lms.app); imported late, so that one room can be used without the whole house."""
    from lms.app import create_app as build  # noqa: PLC0415 - the whole house, only when it is asked for

    return build(*given, **named)
