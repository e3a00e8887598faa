"""Workplace assessment between exams: somebody watches real work, marks a form, and the two agree what comes next."""
