"""Measured skills: what an instrument wrote down while somebody practised."""
