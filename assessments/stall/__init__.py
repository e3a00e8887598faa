"""Notices when a skill stops rising: features from the past, a small model, flags for the mentor. Never grades."""
