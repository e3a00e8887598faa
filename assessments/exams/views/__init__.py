"""Pages of exams; the modules beside this one fill them."""

from lms.web.pages import Pages

pages = Pages("exams", "assessments.exams")
