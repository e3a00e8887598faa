"""The verbs of the bank."""
