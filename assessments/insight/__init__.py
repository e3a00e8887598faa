"""Figures an administrator can act on: kept aggregates up and down the tree, charts and their tables."""
