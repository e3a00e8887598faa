"""The pages of the tree and of the consortia."""

from lms.web.pages import Pages

pages = Pages("institutions", "lms.institutions")
