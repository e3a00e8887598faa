"""The pages of those who write courses; the modules beside this one fill them."""

from lms.web.pages import Pages

pages = Pages("authoring", "courses.authoring")
