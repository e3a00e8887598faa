"""The pages about people; the modules beside this one fill them."""

from lms.web.pages import Pages

pages = Pages("people", "lms.people")
