"""Courses in the making: written, reviewed, published, retired, and carried from one installation to another."""
