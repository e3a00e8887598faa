"""Verbs of practical exams: planning a circuit, marking at a station, deciding what stands."""
