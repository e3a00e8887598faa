"""Selects about the tree and the consortia, and what features above know about an institution."""
