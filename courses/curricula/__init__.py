"""Courses and lessons: what there is to learn."""
