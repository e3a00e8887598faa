"""Background work of learning; curricula are given and changed in `assign`."""
