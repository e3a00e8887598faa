"""Entrustment: a mentor and an assessor who is not the mentor sign off a technique at a level."""
