"""The list of released results of two hundred candidates at twelve stations, and the release that wrote it."""

import random
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import Circuit, CircuitCandidate, CircuitStation, Sheet, State
from assessments.osce.queries import sheets, standards
from assessments.osce.services import deciding, releasing
from assessments.stations.models import StationVersion
from assessments.stations.rules import Kind
from bench import arena, clients
from bench.report import Row
from demo.cast import HOME, SEED
from demo.story.stage import Stage
from lms import clock, ids
from lms.authz import Actor
from lms.db import act_as, db, grants
from lms.digests import digest
from lms.institutions.models import Institution
from lms.people.models import Category, Passkey, Person, RoleGrant, SignIn
from lms.people.queries import hash_of

TITLE = "Released results of a practical exam"
CANDIDATES, STATIONS, SECONDS, MOST = 200, 12, 3.0, 50.0
WORDS = (
    "`GET /osce/circuits/<id>/results` for an exam officer: every candidate with percent, outcome and each station, "
    "whole and unpaged. The marks were handed in as sheets, closed and released through the application. One "
    "reader, one request after the other, over loopback; the floor's page is one query and a fixed text. The "
    "strongest general peer needs 150 ms for 200 × 10."
)


def measure(field: arena.Arena, runs: int) -> list[Row]:
    """Alternated runs of the page and the floor, its statements, its weight, and the release itself."""
    with field.copy() as copy:
        circuit, token = held(copy)
        with copy.stage() as stage:
            took = release(stage, circuit)
            sent = statements(stage, circuit, _token(copy))
        with arena.both(copy) as (ours, floor):
            path = f"/osce/circuits/{circuit}/results"
            rows = [
                _speed((ours, floor), asked, token, words, runs)
                for asked, words in ((path, "by number"), (f"{path}?sort=-percent&show=failed", "narrowed and sorted"))
            ]
            weight = len(clients.Connection(ours).ask(clients.get(path, f"session_id={token}")))
    wide = f"{CANDIDATES} × {STATIONS}"
    return [
        *rows,
        Row("statements of the page", [float(sent)], "", target="≤ 10", met=sent <= 10),
        Row("the page as it is sent, packed", [weight / 1000], "kB"),
        Row(f"releasing {wide} results", [took], "s", target="≤ 2", met=took <= 2),
    ]


def held(copy: arena.Copy) -> tuple[int, str]:
    """A circuit that runs, with a sheet of everybody at every station, and an officer's token."""
    with _owner(copy) as session:
        place = session.scalars(sa.select(Institution).where(Institution.code == HOME)).one()
        officers = [_person(session, place.id, f"bench-officer{n}", Category.ADMINISTRATOR) for n in range(2)]
        for one in officers:
            who = {"person_id": one.id, "institution_id": place.id}
            session.add(RoleGrant(**who, role="exam_officer", begins_on=sa.func.current_date() - 1))
            session.add(Passkey(**who, credential_id=one.account.encode(), public_key=b"k", sign_count=0, label="b"))
        circuit = _circuit(session, place.id, officers[0].id)
        session.commit()
        session.execute(sa.text("ANALYZE"))
        session.commit()
        number = circuit.id
    return number, _token(copy)


def _token(copy: arena.Copy) -> str:
    token = ids.token()
    with _owner(copy) as session:
        officer = session.scalars(sa.select(Person).where(Person.account == "bench-officer1")).one()
        who = {"person_id": officer.id, "institution_id": officer.institution_id}
        session.add(SignIn(**who, token_hash=hash_of(token), second_factor_at=sa.func.clock_timestamp()))
        session.commit()
    return token


def _person(session: orm.Session, place: int, account: str, category: Category) -> Person:
    row = Person(account=account, name=account, category=category, institution_id=place)
    session.add(row)
    session.flush()
    return row


def _circuit(session: orm.Session, place: int, officer: int) -> Circuit:
    circuit = Circuit(institution_id=place, title="测速", on_day=clock.today(), state=State.RUNNING, made_by_id=officer)
    session.add(circuit)
    session.flush()
    common = {"institution_id": place, "circuit_id": circuit.id}
    query = sa.select(StationVersion).where(StationVersion.station.has(kind=Kind.STATION)).order_by(StationVersion.id)
    versions = list(session.scalars(query))
    used = [versions[n % len(versions)] for n in range(STATIONS)]
    places = [CircuitStation(**common, position=n, station_version_id=one.id) for n, one in enumerate(used, 1)]
    examiner = _person(session, place, "bench-examiner", Category.SPECIALIST)
    people = [
        Person(account=f"sits{n:03}", name=f"考生{n:03}", category=Category.GENERAL_PRACTITIONER)
        for n in range(CANDIDATES)
    ]
    for one in people:
        one.institution_id = place
    session.add_all([*places, *people])
    session.flush()
    sits = [
        CircuitCandidate(**common, person_id=one.id, number=n, name=one.name, added_by_id=officer)
        for n, one in enumerate(people, 1)
    ]
    session.add_all(sits)
    session.flush()
    lot = random.Random(SEED)
    pairs = [(at, version, one) for at, version in zip(places, used, strict=True) for one in sits]
    session.execute(sa.insert(Sheet), [_sheet(lot, at, version, one, examiner.id) for at, version, one in pairs])
    return circuit


def _sheet(
    lot: random.Random, at: CircuitStation, version: StationVersion, one: CircuitCandidate, examiner: int
) -> dict[str, object]:
    """Marks as a middling candidate gets them."""
    marks = {
        item["code"]: item["points"] if lot.random() < (0.98 if item["critical"] else 0.8) else item["steps"][-2]
        for item in version.body["items"]
    }
    number = ids.uuid7()
    return {
        "id": number,
        "institution_id": at.institution_id,
        "person_id": one.person_id,
        "circuit_station_id": at.id,
        "candidate_id": one.id,
        "examiner_id": examiner,
        "version": 1,
        "marks": marks,
        "rating": "pass",
        "comment": "袖带位置再练。",
        "begun_at": clock.now(),
        "own_clock": False,
        "content_hash": digest([str(number), marks]),
    }


def release(stage: Stage, circuit: int) -> float:
    """Close and release as two officers; how long the release took."""
    with stage.acting("bench-officer0") as actor:
        row = db.session.get_one(Circuit, circuit)
        deciding.close(actor, row, content_hash=sheets.board(row).hash)
    with stage.acting("bench-officer1") as actor:
        row = db.session.get_one(Circuit, circuit)
        standard = standards.cuts_of(row).hash
        began = time.perf_counter()
        releasing.release(actor, row, content_hash=row.closed_hash or b"", standard=standard)
        return time.perf_counter() - began


def statements(stage: Stage, circuit: int, token: str) -> int:
    """How many statements the page sends, all that it takes to know who asks included."""
    sent: list[str] = []
    with stage.app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", lambda *told: sent.append(told[2]))
    client = stage.app.test_client()
    client.set_cookie("session_id", token)
    for _ in range(2):  # the second time nothing is asked for the first time
        sent.clear()
        answer = client.get(f"/osce/circuits/{circuit}/results")
        if answer.status_code != 200 or answer.text.count("<tr>") < CANDIDATES:
            raise clients.Wrong(f"{answer.status} for the results")
    return len([one for one in sent if not re.match(r"(?i)\s*(BEGIN|COMMIT|ROLLBACK)", one)])


def _speed(ports: tuple[int, int], path: str, token: str, words: str, runs: int) -> Row:
    ours, floor = ports
    own = [lambda: clients.get(path, f"session_id={token}")]
    least = [lambda: clients.get("/page")]
    clients.run(ours, own, 1.0)
    clients.run(floor, least, 1.0)
    pairs = [(clients.run(ours, own, SECONDS), clients.run(floor, least, SECONDS)) for _ in range(runs)]
    waits, floors = [a.p50 for a, _ in pairs], [b.p50 for _, b in pairs]
    met = statistics.median(waits) <= MOST
    what = f"one waits, {CANDIDATES} × {STATIONS} {words}, median"
    return Row(what, waits, "ms", floors, "floor", f"≤ {MOST:.0f} ms", met)


@contextmanager
def _owner(copy: arena.Copy) -> Iterator[orm.Session]:
    engine = sa.create_engine(copy.server.url(copy.name, grants.OWNER), poolclass=sa.NullPool)
    with orm.Session(engine) as session:
        act_as(session, Actor.job("bench"))
        yield session
