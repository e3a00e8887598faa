"""A doctor's way through a curriculum of 200 requirements, beside the floor; and a curriculum given to everybody."""

import time

import sqlalchemy as sa

from bench import arena
from bench.readers import beside_the_floor, signed_in
from bench.report import Row
from courses.curricula.content.tiers import CurriculumBody, write
from courses.curricula.models import AssignmentRule, Curriculum, CurriculumPublication
from courses.curricula.rules.tiers import Begins, Moving
from courses.enrolment.jobs import assign as work
from demo.cast import HOME
from lms.db import Everything, act_as, db, grants

TITLE = "The way through a curriculum"
PERSONS, ASKED, TARGET = 100_000, 40, 60.0
WORDS = (
    "`GET /path` of a doctor whose curriculum has five tiers of 40 requirements each, five sixths of them over tables "
    "with rows of that doctor; the floor's page is one query and a fixed text. *Given* is the job's work: the rules "
    f"applied to {PERSONS:,} doctors who have no curriculum yet, with the row that keeps each one's days; *again* is "
    "the same when nothing is to be changed."
)
DOCTOR = "doctor"


def measure(field: arena.Arena, runs: int) -> list[Row]:
    """Alternated runs with 1 and with 16 readers; then everybody gets the curriculum, and once more gets nothing."""
    with field.copy() as copy:
        with copy.stage() as stage, stage.app.app_context():
            act_as(db.session, work.ACTOR)
            _write()
        token = copy.sign_in(DOCTOR)[0]
        with copy.stage() as stage, stage.app.app_context():
            work.give(lambda _done, _total: None)
        with arena.both(copy) as (ours, floor):
            rows = beside_the_floor((ours, floor), signed_in("/path", token), what="paths", runs=runs)
    return [*rows, *_given(field, runs)]


def _given(field: arena.Arena, runs: int) -> list[Row]:
    first, again = [], []
    with field.copy() as copy, copy.stage() as stage:
        _people(copy)
        with stage.app.app_context():
            act_as(db.session, work.ACTOR)
            _write()
        for _ in range(runs):
            with stage.app.app_context():
                first.append(_took())
            with stage.app.app_context():
                again.append(_took())
            _forget(copy)
    many = f"{PERSONS:,}"
    return [
        Row(f"a curriculum given to {many} doctors", first, "s", target=f"≤ {TARGET:g} s", met=max(first) <= TARGET),
        Row("again, with nothing to change", again, "s"),
    ]


def _took() -> float:
    begin = time.perf_counter()
    work.give(lambda _done, _total: None)
    return time.perf_counter() - begin


def _write() -> None:
    """The curriculum of 200 requirements takes the place of the pack's, and one rule gives it to everybody."""
    curriculum = db.session.scalar(sa.select(Curriculum).where(Curriculum.category == "general_practitioner"))
    if curriculum is None:
        curriculum = Curriculum(code="bench", category="general_practitioner")
        db.session.add(curriculum)
    db.session.execute(sa.update(AssignmentRule).values(retired_at=sa.func.now()), execution_options=Everything)
    db.session.flush()
    made = write(curriculum, CurriculumBody.model_validate(_content()), [])
    if made is None:
        raise RuntimeError("the curriculum of the measurement is there already")
    db.session.add(CurriculumPublication(curriculum_id=curriculum.id, version_id=made.id, moving=Moving.NOBODY.value))
    db.session.add(
        AssignmentRule(
            code="bench", curriculum_id=curriculum.id, title="bench", title_en="bench", priority=1,
            begins=Begins.JOINING.value, months=[12, 24, 36, 48, 60],
        )
    )  # fmt: skip
    db.session.commit()


def _content() -> dict[str, object]:
    return {
        "title": {"zh": "测量", "en": "Measurement"},
        "summary": "—",
        "tiers": [
            {
                "star": star,
                "title": {"zh": f"第 {star} 层", "en": f"Tier {star}"},
                "requirements": [_asked(star, n) for n in range(ASKED)],
            }
            for star in range(1, 6)
        ],
    }


def _asked(star: int, n: int) -> dict[str, object]:
    kinds: list[dict[str, object]] = [
        {"kind": "course", "course": "hypertension-primary-care"},
        {"kind": "hours", "what": "any", "amount": 40 + n, "yearly": n % 2 == 0},
        {"kind": "rotation", "amount": 30 + n},
        {"kind": "technique", "technique": "bp-measurement", "amount": star},
        {"kind": "cases", "amount": 1 + n},
        {"kind": "exam", "what": "theory", "amount": 1 + n % 3},
    ]
    after = {"after": [f"ask-{star}-{n - 1}"]} if n % 5 else {}
    return {"code": f"ask-{star}-{n}", **kinds[n % len(kinds)], **after}


_PEOPLE = """
WITH made AS (
    INSERT INTO person (account, name, category, institution_id, ledger_subject)
    SELECT 'bench-' || n, '医师' || n, 'general_practitioner', i.id, gen_random_uuid()
    FROM generate_series(1, :persons) AS n, institution AS i WHERE i.code = :home
    RETURNING id, institution_id
)
INSERT INTO post (person_id, institution_id, title, begins_on)
SELECT id, institution_id, '全科医师', current_date - (id % 3000)::int FROM made
"""


def _people(copy: arena.Copy) -> None:
    engine = sa.create_engine(copy.server.url(copy.name, grants.OWNER), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text(_PEOPLE), {"home": HOME, "persons": PERSONS})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE person, post"))


def _forget(copy: arena.Copy) -> None:
    """Take everybody's curriculum away again, as only the owner of the database can."""
    engine = sa.create_engine(copy.server.url(copy.name, grants.OWNER), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("TRUNCATE assignment_change, assignment_exception, curriculum_assignment"))
