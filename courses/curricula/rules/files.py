"""What a lesson can hold besides its text, by the ending of a file's name. Pure."""

from pathlib import PurePosixPath

#: media types by ending
KINDS = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".pdf": "application/pdf",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".vtt": "text/vtt",
}
#: endings of films and sounds
PLAYED = frozenset(ending for ending, kind in KINDS.items() if kind.startswith(("audio/", "video/")))


def is_played(name: str) -> bool:
    """Whether a file of this name is a film or a sound."""
    return PurePosixPath(name).suffix in PLAYED
