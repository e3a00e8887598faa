"""One index for everything that can be searched, Chinese included; filled through `SOURCES`."""
