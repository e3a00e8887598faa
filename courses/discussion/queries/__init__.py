"""Selects over questions and answers."""
