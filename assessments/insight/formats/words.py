"""What periods, categories, stars, hours and fates are called."""

from lms.i18n import _l

PERIODS = {
    "this_year": _l("This year"),
    "last_year": _l("Last year"),
    "last_12_months": _l("Last 12 months"),
}
CATEGORIES = {
    "general_practitioner": _l("General practitioners"),
    "village_doctor": _l("Village doctors"),
    "nurse": _l("Nurses"),
}
STARS = {
    "0": _l("No star yet"),
    "1": _l("One star"),
    "2": _l("Two stars"),
    "3": _l("Three stars"),
    "4": _l("Four stars"),
    "5": _l("Five stars"),
}
HOURS = {"theory": _l("Theory"), "simulation": _l("Simulation"), "practice": _l("Practice")}
FATES = {
    "open": _l("Not answered yet"),
    "accepted": _l("Taken up"),
    "not_a_problem": _l("Not a problem"),
    "handled": _l("Handled"),
}
