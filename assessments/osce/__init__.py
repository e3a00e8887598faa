"""Practical stations: checklists, sheets, the examiner's marks."""
