"""Arithmetic of practical exams."""
