"""The verbs of questions: writing them, what others do about them, looking after them."""

from courses.discussion.services.minding import hide, keep, remind, report, restore
from courses.discussion.services.taking_part import accept, follow, rate
from courses.discussion.services.writing import answer, ask, edit

__all__ = ["accept", "answer", "ask", "edit", "follow", "hide", "keep", "rate", "remind", "report", "restore"]
