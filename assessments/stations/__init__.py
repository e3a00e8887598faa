"""Stations and assessment forms: what is asked, how it is marked, and the one engine that marks it."""
