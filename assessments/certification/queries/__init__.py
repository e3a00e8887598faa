"""Selects over policies, decisions, proposals and certificates."""
