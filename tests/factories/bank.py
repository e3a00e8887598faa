"""Questions of every kind, a series and a picture, put into the bank as the pack puts them."""

import hashlib
import io
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from PIL import Image, ImageDraw
from sqlalchemy import orm

from assessments.bank.models import Picture, Question, QuestionVersion, SharedStem, SharedStemVersion
from assessments.bank.rules.content import Content, case_digest
from assessments.bank.rules.kinds import WITH_OPTIONS, Kind
from tests.factories import exams

#: For each kind: the key, what else it needs, the right answer, and a wrong one.
KINDS: Mapping[str, tuple[Any, dict[str, Any], list[str], list[str]]] = {
    Kind.SINGLE: (["B"], {}, ["B"], ["A"]),
    Kind.MULTIPLE: (["A", "C"], {}, ["A", "C"], ["A", "D"]),
    Kind.TRUE_FALSE: (["A"], {}, ["A"], ["B"]),
    Kind.MATCHING: (
        {"pairs": {"1": "C", "2": "A"}},
        {"prompts": [{"key": "1", "text": "头一个人"}, {"key": "2", "text": "第二个人"}]},
        ["1=C", "2=A"],
        ["1=C", "2=B"],
    ),
    Kind.SHORT: ({"accepted": {"氨氯地平": "1", "CCB": "1/2"}}, {}, ["氨氯地平"], ["利尿剂"]),
    Kind.NUMERIC: (
        {"value": "135", "tolerance": "0.5", "units": ["mmHg"]},
        {"units": ["mmHg", "kPa"]},
        ["135", "mmHg"],
        ["18", "kPa"],
    ),
    Kind.ORDERING: ({"order": ["C", "A", "D", "B"]}, {}, ["C", "A", "D", "B"], ["A", "B", "C", "D"]),
    Kind.HOTSPOT: (
        {
            "areas": [
                {"circle": [500, 500, 100]},
                {"rect": [0, 0, 100, 80]},
                {"polygon": [[900, 0], [999, 0], [999, 99]]},
            ]
        },
        {},
        ["510,480"],
        ["200,900"],
    ),
}


def image(width: int = 600, height: int = 400, *, kind: str = "PNG") -> bytes:
    """A drawn picture as a file."""
    drawn = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(drawn).ellipse((width * 0.4, height * 0.4, width * 0.6, height * 0.6), outline="black", width=4)
    held = io.BytesIO()
    drawn.save(held, kind)
    return held.getvalue()


def picture(session: orm.Session) -> str:
    """A picture in the bank; its digest."""
    data = image()
    name = hashlib.sha256(data).hexdigest()
    if session.scalar(sa.select(Picture.id).where(Picture.digest == name)) is None:
        session.add(Picture(digest=name, media_type="image/png", width=600, height=400, data=data))
        session.flush()
    return name


def case(session: orm.Session, code: str = "case", text: str = "某男，58 岁，头晕三天。") -> SharedStemVersion:
    """The case of a series."""
    entry = SharedStem(code=code)
    session.add(entry)
    session.flush()
    made = SharedStemVersion(shared_stem_id=entry.id, version=1, text=text, content_hash=case_digest(text))
    session.add(made)
    session.flush()
    return made


def question(
    session: orm.Session, kind: str, *, bank: str = "kinds", series: tuple[SharedStemVersion, int] | None = None
) -> QuestionVersion:
    """One question of this kind."""
    code = f"{kind.replace('_', '-')}-{series[1]}" if series else f"{kind.replace('_', '-')}-1"
    key, body, _right, _wrong = KINDS[kind]
    if kind == Kind.HOTSPOT:
        body = {"picture": picture(session), "alt": "白底上的一个圈"}
    options = () if kind not in WITH_OPTIONS else tuple((name, f"选项{name}") for name in "ABCD")
    if kind == Kind.TRUE_FALSE:
        options = (("A", "对"), ("B", "错"))
    content = Content(
        kind=kind,
        level="apply",
        topic="题型",
        technique="bp-measurement",
        stem=f"{code}：怎样答？",
        options=options,
        key=key,
        explanation="因为指南这样写。",
        source="guide",
        passage="第一章",
        body=body,
        shared_stem=series[0].content_hash.hex() if series else "",
    )
    entry = Question(code=code, bank=bank)
    session.add(entry)
    session.flush()
    made = QuestionVersion.saying(
        content,
        question_id=entry.id,
        version=1,
        technique_id=exams.technique(session).id,
        source={"code": "guide", "title": "一份指南", "year": "2025", "where": ""},
        shared_stem_version_id=series[0].id if series else None,
        series_place=series[1] if series else None,
    )
    session.add(made)
    session.flush()
    return made


def every_kind(session: orm.Session) -> dict[str, QuestionVersion]:
    """One question of each kind."""
    made = {kind: question(session, kind) for kind in KINDS}
    session.commit()
    return made
