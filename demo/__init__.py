"""The simulated city: an installation of one's own on this machine, with people who do not exist.

Stands above everything; nothing imports it.
"""
