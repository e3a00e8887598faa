"""Pages of workplace assessment; the modules beside this one fill them."""

from lms.web.pages import Pages

pages = Pages("workplace", "assessments.workplace")
