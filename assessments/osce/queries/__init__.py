"""Selects over circuits, sheets, and what examiners and candidates see of them."""
