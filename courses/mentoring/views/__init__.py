"""Pages of mentoring; the modules beside this one fill them."""

from lms.web.pages import Pages

pages = Pages("mentoring", "courses.mentoring")
