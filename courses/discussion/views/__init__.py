"""Pages of questions: reading them, writing them, looking after them."""

from lms.web.pages import Pages

pages = Pages("discussion", "courses.discussion")
