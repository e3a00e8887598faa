"""Mentor and apprentice: proposals, agreements, sessions logged by one side and confirmed by the other."""
