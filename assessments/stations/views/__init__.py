"""Pages of stations and blueprints; the modules beside this one fill them."""

from lms.web.pages import Pages

pages = Pages("stations", "assessments.stations")
