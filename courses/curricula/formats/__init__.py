"""A course as one file that goes from installation to installation (docs/course-package.md)."""
