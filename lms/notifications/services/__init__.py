"""The verbs of telling people, and of reading what one was told."""

from lms.notifications.services.telling import notify

__all__ = ["notify"]
