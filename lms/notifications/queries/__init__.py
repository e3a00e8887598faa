"""Selects about notices, and what can be told of at all."""

from lms.notifications.queries.kinds import KINDS, told_of
from lms.notifications.queries.reaching import holders

__all__ = ["KINDS", "holders", "told_of"]
