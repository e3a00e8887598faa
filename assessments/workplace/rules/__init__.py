"""What a workplace assessment says, what a year of them comes to, and how an assessor marks; pure."""

from datetime import timedelta

#: A request that nobody answered is put away so long after the day the doctor proposed.
EXPIRES = timedelta(days=30)
#: Whoever was asked may still hand in what was watched before the request was withdrawn or put away.
GRACE = timedelta(days=14)
#: What was watched is written down while it is remembered.
REMEMBERED = timedelta(days=30)
#: So long may the assessor correct an assessment.
CORRECTABLE = timedelta(days=60)
