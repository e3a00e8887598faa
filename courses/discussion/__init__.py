"""Questions on lessons and their answers."""
