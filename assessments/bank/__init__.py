"""Questions and their versions; shared between institutions, the right answer seen only by who may see it."""
