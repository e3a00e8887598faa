"""The verbs of exams: make and approve, seat, sit, save, close, mark, release."""
