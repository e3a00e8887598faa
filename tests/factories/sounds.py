"""Small films and sounds for tests: a tone of so many seconds, as a WAV file."""

import io
import math
import wave


def tone(seconds: int, *, rate: int = 4000, hertz: int = 220) -> bytes:
    """A quiet tone."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(rate)
        one = bytes(128 + round(40 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(rate))
        file.writeframes(one * seconds)
    return buffer.getvalue()
