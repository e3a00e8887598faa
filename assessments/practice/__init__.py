"""Evaluation of clinical practice over a period, from de-identified records."""
