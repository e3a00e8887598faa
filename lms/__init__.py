"""Who, where, and the plumbing."""

from lms.app import create_app

__all__ = ["create_app"]
