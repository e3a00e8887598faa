"""Selects over places, rotations and what doctors owe."""
