"""Pages of rotations; the modules beside this one fill them."""

from lms.web.pages import Pages

pages = Pages("rotations", "courses.rotations")
