"""By what a page knows that it was the centre that answered."""

import hmac


def receipt_key(secret: str, station: int, examiner: int) -> bytes:
    """The key by which a page knows the centre's answers from those of something in between."""
    return hmac.digest(secret.encode(), f"osce receipt {station} {examiner}".encode(), "sha256")


def receipt(key: bytes, sheet: str) -> str:
    """The proof that the centre holds this sheet."""
    return hmac.digest(key, sheet.encode(), "sha256").hex()
