"""The signer: a process of its own, under its own database role, that believes nobody.

It looks itself whether two different officers approved this very document, and decides the star again from the
evidence; only then does it sign. All it may write are signatures and the public halves of its keys.
"""
