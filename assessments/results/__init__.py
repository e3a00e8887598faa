"""Every mark ever given, append-only: the one table of evidence."""
