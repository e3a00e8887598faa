"""Marking, item statistics, the making of papers, and receipts: pure functions."""
