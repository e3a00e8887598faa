"""Tables of figures as files: how they are read, and the template to fill in."""
