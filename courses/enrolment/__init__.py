"""Who learns what, how far they are, and what completes a lesson."""
