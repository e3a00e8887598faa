"""The default content pack: what it promises to hold."""
