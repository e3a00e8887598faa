"""What `make bench` runs: ratios of alternated runs, never absolute times in a test."""
