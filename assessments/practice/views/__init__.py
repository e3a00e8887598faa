"""Pages of practice evaluation; one blueprint, its pages by what they are about."""

from lms.web.pages import Pages

pages = Pages("practice", "assessments.practice")
