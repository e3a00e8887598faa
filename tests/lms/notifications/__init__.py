"""Being told, once, by the right way, at the right hour."""
