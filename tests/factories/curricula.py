"""A small curriculum for tests: five tiers over the small pack, and rules for who joined when."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import orm

from courses.curricula.models import Course, CourseVersion
from courses.enrolment.models import CourseCompletion, Enrolment
from lms.people.models import Category, Person, Post
from tests.factories import packs

NAME = "curricula/gp.yaml"
GP = """\
code: gp
category: general_practitioner
title: {zh: 全科医生培训, en: GP training}
summary: 五层，一层一颗星。
sources: [guide]
tiers:
  - star: 1
    title: {zh: 打基础, en: Foundations}
    requirements:
      - {code: htn, kind: course, course: hypertension}
      - {code: year, kind: hours, what: any, amount: 40, yearly: true}
      - {code: bp-3, kind: technique, technique: bp, amount: 3, after: [htn]}
  - star: 2
    title: {zh: 上手, en: Hands on}
    requirements:
      - {code: rotation, kind: rotation, amount: 90}
      - {code: simulation, kind: hours, what: simulation, amount: 50}
  - star: 3
    title: {zh: 独立, en: On one's own}
    requirements:
      - {code: theory, kind: exam, what: theory, percent: 60}
      - {code: cases, kind: cases, amount: 2, percent: 70, technique: bp}
  - star: 4
    title: {zh: 熟练, en: Practised}
    requirements:
      - {code: bp-4, kind: technique, technique: bp, amount: 4, after: [bp-3]}
  - star: 5
    title: {zh: 带教, en: Teaching}
    requirements:
      - {code: bp-5, kind: technique, technique: bp, amount: 5, after: [bp-4]}
assign:
  - code: gp-new
    title: {zh: 新入职：1+3+X, en: "New: 1+3+X"}
    joined_from: 2026-01-01
    begins: joining
    months: [12, 24, 36, 48, 60]
  - code: gp-in-post
    title: {zh: 在岗, en: In post}
    joined_until: 2025-12-31
    begins: assignment
    months: [6, 12, 24, 36, 48]
"""


def pack(folder: Path, text: str = GP, changes: Mapping[str, str | None] | None = None) -> Path:
    """The small pack with a curriculum in it."""
    return packs.write(folder, {NAME: text} | dict(changes or {}))


def doctors(
    session: orm.Session, at: int, count: int, *, joined: date = date(2024, 1, 1), prefix: str = "c", title: str = ""
) -> list[int]:
    """General practitioners with a post since a day; the caller commits."""
    made = []
    for number in range(count):
        one = Person(
            account=f"{prefix}-{number:03}",
            name=f"学员{number:03}",
            sort_key=f"x{number:03}",
            category=Category.GENERAL_PRACTITIONER,
            institution_id=at,
        )
        session.add(one)
        session.flush()
        session.add(Post(person_id=one.id, institution_id=at, begins_on=joined, main=True, title=title))
        made.append(one.id)
    session.flush()
    return made


def finish_course(session: orm.Session, person_id: int, code: str = "hypertension") -> None:
    """Somebody has finished a course."""
    course = session.scalars(sa.select(Course).where(Course.code == code)).one()
    version = session.scalars(sa.select(CourseVersion).where(CourseVersion.course_id == course.id)).first()
    home = session.get_one(Person, person_id).institution_id
    assert version is not None
    enrolment = Enrolment(person_id=person_id, institution_id=home, course_id=course.id, version_id=version.id)
    session.add(enrolment)
    session.flush()
    session.add(CourseCompletion(person_id=person_id, institution_id=home, enrolment_id=enrolment.id))
    session.flush()
