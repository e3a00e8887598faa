"""A hundred thousand doctors decided about: all at once, the usual few, and what it costs to write it down."""

import time
from collections.abc import Callable
from datetime import date
from functools import partial

import sqlalchemy as sa

from assessments.certification import jobs
from assessments.certification.models import PolicyVersion
from assessments.certification.queries import cohort, evidence, policies, standings
from assessments.certification.rules.decision import decide
from assessments.certification.rules.policy import Policy
from assessments.certification.services import deciding
from assessments.results.models import Result
from bench import arena
from bench.report import Row
from demo.cast import HOME
from lms import clock
from lms.db import act_as, db, grants

TITLE = "Deciding about stars"
PERSONS, RESULTS, TARGET = 100_000, 40, 60.0
WORDS = (
    f"{PERSONS:,} doctors with {RESULTS} results each in the table of evidence, decided about under the default "
    "policy. *Evaluated* is `queries.cohort.stars`: read from PostgreSQL and decided about, nothing written. "
    "*Found* is the nightly question whose decision is not today's, when it is everybody's. *Written* is "
    "`deciding.decide_many` as the job calls it: decided about singly and in full, one row and one entry of the ledger "
    "for each."
)
SAMPLE = 2_000


def measure(field: arena.Arena, runs: int) -> list[Row]:
    """Runs on one copy of the city; what is written stays, so every run writes about others."""
    with field.copy() as copy, copy.stage() as stage:
        fill(copy)
        with stage.app.app_context():
            act_as(db.session, jobs.ACTOR)
            policies.configure("default")
            return _measured(runs)


def fill(copy: arena.Copy) -> None:
    """Doctors and their evidence, straight into the tables: marks with an error, hours, encounters, sign-offs."""
    engine = sa.create_engine(copy.server.url(copy.name, grants.OWNER), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT setseed(0.6)"))
        given = {"home": HOME, "persons": PERSONS, "results": RESULTS}
        connection.execute(sa.text(_PEOPLE), given)
        connection.execute(sa.text(_EVIDENCE), given)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE result"))


_PEOPLE = """
INSERT INTO person (account, name, category, institution_id, ledger_subject)
SELECT 'bench-' || n, '医师' || n, 'general_practitioner', i.id, gen_random_uuid()
FROM generate_series(1, :persons) AS n, institution AS i WHERE i.code = :home
"""
_EVIDENCE = """
WITH kinds AS (
    SELECT ARRAY['theory_exam', 'theory_exam', 'practical_exam', 'practical_exam', 'practical_exam', 'practical_exam',
        'practical_exam', 'practical_exam', 'practical_exam', 'practical_exam', 'practice_evaluation',
        'simulation_hours', 'simulation_hours', 'theory_hours', 'theory_hours', 'rotation_days', 'entrustment',
        'entrustment', 'entrustment', 'entrustment', 'entrustment', 'entrustment', 'entrustment', 'entrustment',
        'entrustment', 'entrustment'] || array_fill('workplace_encounter'::text, ARRAY[14]) AS names
), techniques AS (SELECT array_agg(id ORDER BY id) AS ids FROM technique)
INSERT INTO result (person_id, institution_id, kind, technique_id, value, standard_error, assessor_id, on_day,
    source_kind, source_id, source_hash)
SELECT p.id, p.institution_id, k.names[n],
    CASE WHEN k.names[n] IN ('entrustment', 'practical_exam', 'workplace_encounter')
        THEN t.ids[1 + (n % cardinality(t.ids))] END,
    CASE k.names[n] WHEN 'entrustment' THEN 3 + floor(random() * 3) WHEN 'rotation_days' THEN 30 + floor(random() * 90)
        WHEN 'simulation_hours' THEN 15 + floor(random() * 30) ELSE 45 + floor(random() * 55) END,
    CASE WHEN k.names[n] = 'theory_exam' THEN 4 END,
    CASE WHEN k.names[n] = 'workplace_encounter' THEN first.id + n % 4 END,
    current_date - (random() * 700)::int, 'bench', p.id || ':' || n, decode(repeat('00', 32), 'hex')
FROM (SELECT id, institution_id FROM person WHERE account LIKE 'bench-%') AS p
CROSS JOIN generate_series(1, :results) AS n CROSS JOIN kinds AS k CROSS JOIN techniques AS t
CROSS JOIN (SELECT min(id) AS id FROM person WHERE account LIKE 'bench-%') AS first
"""


def _measured(runs: int) -> list[Row]:
    today = clock.today()
    version = policies.in_force(db.session, today)
    if version is None:
        raise RuntimeError("the default policy is not loaded")
    policy = policies.policy_of(version)
    people = list(db.session.scalars(sa.select(Result.person_id).distinct().order_by(Result.person_id)))
    whole = [_took(lambda: cohort.stars(db.session, policy, people, today)) for _ in range(runs)]
    found = [_took(lambda: _stale(version, today)) for _ in range(runs)]
    lots = [people[n * SAMPLE : (n + 1) * SAMPLE] for n in range(runs)]
    written = [len(lot) / _took(partial(_written, lot)) for lot in lots]
    plain = [SAMPLE / _took(partial(_plainly, policy, lot, today)) for lot in lots]
    one = [1000 * _took(partial(_written, [who])) for who in people[-runs:]]
    many = f"{len(people):,}"
    return [
        Row(f"{many} doctors evaluated", whole, "s", target=f"≤ {TARGET:g} s", met=max(whole) <= TARGET),
        Row("decisions a second, set-based", [len(people) / took for took in whole], "/s"),
        Row("decisions a second, the plain one with its reading", plain, "/s"),
        Row(f"whose decision is not today's, found among {many}", found, "s"),
        Row("decisions a second, written with their entries in the ledger", written, "/s"),
        Row("one doctor after a new result", one, "ms"),
    ]


def _took(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _stale(version: PolicyVersion, today: date) -> None:
    db.session.execute(standings.stale(version, today)).all()


def _written(lot: list[int]) -> None:
    for first in range(0, len(lot), jobs.AT_ONCE):
        deciding.decide_many(jobs.ACTOR, None, person_ids=lot[first : first + jobs.AT_ONCE])
        db.session.expunge_all()


def _plainly(policy: Policy, lot: list[int], today: date) -> None:
    found = evidence.of_persons(db.session, lot)
    for one in lot:
        decide(policy, found.get(one, ()), today)
