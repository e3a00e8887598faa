"""Selects over forms, people, requests, assessments and a year of them."""
