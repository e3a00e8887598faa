"""What a doctor is told of techniques that fade."""

from flask import render_template

from assessments.proficiency import queries
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.techniques.views import LEVELS
from lms.web.pages import Pages

pages = Pages("proficiency", __name__)
SHOWN = 3


def panel(who: Actor) -> str | None:
    """On the doctor's home page: proofs that end within a month or have ended, at most three."""
    today = clock.today()
    rows = db.session.scalars(queries.fading(who.person_id or 0, today).limit(SHOWN + 1)).all()
    if not rows:
        return None
    return render_template(
        "proficiency/panel.html", rows=rows[:SHOWN], more=len(rows) > SHOWN, today=today, levels=LEVELS
    )
