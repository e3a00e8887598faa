"""Rosters as files: how they are read, what is said about their mistakes, the template to fill in."""
