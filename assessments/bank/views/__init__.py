"""Pages of the question bank; the modules beside this one fill them."""

from lms.web.pages import Pages

pages = Pages("bank", "assessments.bank")
