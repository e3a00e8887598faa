"""Selects over exams. What belongs to one exam is read over the fence, after the exam itself came through it."""
