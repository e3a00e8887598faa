"""What doctors ask one another on the lessons: one question answered and done with, one that still waits."""

import sqlalchemy as sa

from courses.discussion import services
from courses.discussion.models import Entry
from courses.discussion.queries.threads import Place, place
from demo.story.learning import COURSE
from demo.story.stage import Stage
from lms.authz import only
from lms.db import db

ASKING, ANSWERING, WAITING = "gp01", "gp02", "gp03"


def ask(stage: Stage) -> None:
    """Everything, once."""
    with stage.acting(ASKING) as actor:
        if db.session.scalar(sa.select(Entry.id).limit(1)) is not None:
            return
        title, body = "两臂血压不一样，按哪一边记？", "左臂 138，右臂 150，量了两次都这样。"
        asked = services.ask(
            actor, _at("htn-measure-right"), title=title, body="左臂 138，右臂 150，量了两次都这样。"
        ).id
    with stage.acting(ANSWERING) as actor:
        words = "首诊两臂都量，以后按高的一侧随访；相差超过 20 mmHg 要想到血管问题，转上级查一下。"
        answered = services.answer(actor, db.session.get_one(Entry, asked), body=words).id
    with stage.acting(ASKING) as actor:
        services.accept(actor, db.session.get_one(Entry, asked), answer_id=answered)
    with stage.acting(WAITING) as actor:
        body = "村里几位老人都说吃了晚上咳，停药就好。换哪一类合适？"
        services.ask(actor, _at("htn-drugs"), title="吃普利类干咳，怎么换药？", body=body)


def _at(lesson: str) -> Place:
    found: Place = only(place(COURSE, lesson))
    return found
