"""Figures as tables: what the page shows, what a file holds, and what charts are drawn from."""
