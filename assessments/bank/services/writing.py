"""Writing questions: the first version, the next one, an older one again. Nothing that was written is changed."""

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.bank.models import Picture, Question, QuestionVersion
from assessments.bank.policy import Bank
from assessments.bank.queries.texts import Text, text_of
from assessments.bank.rules.content import Content
from assessments.bank.rules.kinds import WITH_OPTIONS
from assessments.bank.rules.standing import Origin
from assessments.bank.rules.words import FAULTS
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.service import service, tell
from lms.techniques.models import Technique
from lms.web.pictures import Drawn


@service(needs=Bank.EDIT)
def write(
    actor: Actor, technique: Technique, *, code: str, bank: str, use: str, text: Text, origin: str = Origin.WRITTEN
) -> QuestionVersion:
    """A new question, as a draft; its code is its own for ever."""
    if db.session.scalar(sa.select(Question.id).where(Question.code == code)) is not None:
        raise Conflict(_("There is a question %(code)s already. Choose another code.", code=code), field="code")
    question = Question(code=code, bank=bank, use=use)
    db.session.add(question)
    db.session.flush()
    return _add(question, 1, technique, text, origin)


@service(needs=Bank.EDIT)
def revise(
    actor: Actor, question: Question, *, base: int, technique: Technique, text: Text, origin: str = Origin.WRITTEN
) -> QuestionVersion:
    """The next version, as a draft; the older ready one goes on being asked until this one is ready.

    `base` is the version the editor was looking at: who worked on an older one is told.
    """
    newest = _lock(question)
    if newest.version != base:
        raise Conflict(_("Somebody else has written version %(version)s meanwhile.", version=newest.version))
    stands = (newest.shared_stem_version_id, newest.series_place)
    meant = (text.place.case.id, text.place.number) if text.place else (None, None)
    if newest.content_hash == text.whole.digest() and stands == meant:
        raise Conflict(_("Nothing is different from version %(version)s.", version=newest.version))
    return _add(question, newest.version + 1, technique, text, origin)


@service(needs=Bank.EDIT)
def write_again(actor: Actor, version: QuestionVersion) -> QuestionVersion:
    """An older version once more, as the newest draft: how a change is taken back. A series keeps its question."""
    newest = _lock(version.question)
    text = replace(text_of(version), place=text_of(newest).place)
    if newest.content_hash == text.whole.digest():
        raise Conflict(_("Nothing is different from version %(version)s.", version=newest.version))
    return _add(version.question, newest.version + 1, version.technique, text, Origin.WRITTEN)


@service(needs=Bank.EDIT)
def keep_picture(actor: Actor, drawn: Drawn) -> str:
    """A picture that was drawn anew, to be shown by questions; its digest."""
    row = {"digest": drawn.digest, "media_type": drawn.media_type, "width": drawn.width, "height": drawn.height}
    db.session.execute(pg.insert(Picture).values(**row, data=drawn.data).on_conflict_do_nothing())
    tell(picture=drawn.digest)
    return drawn.digest


def _lock(question: Question) -> QuestionVersion:
    db.session.refresh(question, with_for_update=True)
    if question.retired:
        raise Conflict(_("This question is retired. Bring it back before you edit it."))
    query = sa.select(QuestionVersion).where(QuestionVersion.question_id == question.id)
    return db.session.scalars(query.order_by(QuestionVersion.version.desc()).limit(1)).one()


def _add(question: Question, number: int, technique: Technique, text: Text, origin: str) -> QuestionVersion:
    content = text.whole
    _check(content)
    made = QuestionVersion.saying(
        content,
        question_id=question.id,
        version=number,
        technique_id=technique.id,
        source=dict(text.source),
        shared_stem_version_id=text.place.case.id if text.place else None,
        series_place=text.place.number if text.place else None,
        origin=origin,
        made_by_id=db.actor.person_id,
    )
    db.session.add(made)
    db.session.flush()
    tell(question=question.code, version=number, hash=made.content_hash.hex())
    return made


def _check(content: Content) -> None:
    """Refuse what could not be asked or marked, naming the field."""
    fault = content.fault() or content.unit_fault()
    if fault is not None:
        words, field = FAULTS[fault]
        raise Invalid(str(words), field=field)
    if content.kind in WITH_OPTIONS and not 2 <= len(content.options) <= 26:
        raise Invalid(_("A question has from 2 to 26 options."), field="options")
    name = content.body.get("picture")
    if name and not content.body.get("alt"):
        raise Invalid(_("Say in words what the picture shows, for who cannot see it."), field="alt")
    if name and db.session.scalar(sa.select(Picture.id).where(Picture.digest == name)) is None:
        raise Invalid(_("This picture is not in the bank. Send it once more."), field="picture")
