"""The product with its promise broken on purpose: answers are acknowledged first and committed a moment later.

Only to show that the campaign notices.
"""

import threading
import time
from typing import Any

from flask import Flask, current_app

from assessments.exams.services import answers
from lms.app import create_app as honest
from lms.db import act_as, db

DELAY = 0.2


def create_app() -> Flask:
    """The application, acknowledging before it commits."""
    app = honest()
    save = answers.save

    def hasty(actor: Any, pen: Any, *, events: Any, sign_in: int | None = None) -> answers.Receipt:
        def later(app: Flask) -> None:
            time.sleep(DELAY)
            with app.app_context():
                act_as(db.session, actor)
                save(actor, pen, events=events, sign_in=sign_in)

        threading.Thread(target=later, args=(current_app._get_current_object(),), daemon=True).start()  # type: ignore[attr-defined]
        held = [event["id"] for event in events]
        return answers.Receipt(held, [], events[0]["epoch"], closed=False, paused=False, remaining=60_000)

    answers.save = hasty
    return app


def create_careless_app() -> Flask:
    """The application on whatever database it is given: it does not look whether what is committed is on the disk."""
    return honest(guarded=False)
