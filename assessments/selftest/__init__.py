"""Self-tests: a doctor practises with questions meant for practice, weak topics first, spaced by what is forgotten."""
