"""Simulated cases: cases as validated data, played act by act on a phone, scored against the expert's way."""
