"""Questions in files: what they are between the bank and a file, and one module for every format."""
