"""A trace from the manikin to the report and the evidence, and every way of not coming there."""

import io
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.results.models import Result, ResultKind
from assessments.traces import queries as trace_queries
from assessments.traces import services
from assessments.traces.models import SkillTrace, TraceTargetVersion
from assessments.traces.rules.synthetic import Person as Rescuer
from courses.mentoring.models import Pairing
from lms import clock
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import OutboxEvent, deliver
from lms.people.models import Person
from tests.conftest import As
from tests.factories import traces
from tests.factories.mentoring import Office, ago
from tests.factories.traces import GOOD, WEAK
from tests.factories.world import World
from tests.pages import Page


class Ward(Office):
    """A mentor, a doctor, a manikin."""

    def __init__(self, app: Flask, as_: As, session: orm.Session, world: World) -> None:
        super().__init__(as_, session)
        self.app, self.world = app, world
        traces.load_content(app)
        self.offer(world.a.manager, world.a.examiner)
        self.pairing = self.pair(world.a.manager, world.a.doctor, world.a.examiner, begins=ago(60))

    def practise(self, who: int, rescuer: Rescuer = GOOD, **more: Any) -> int:
        """Somebody sends a trace of their own."""
        self.session.commit()
        with self.as_(who) as actor:
            return services.practise(actor, None, run=traces.run_of(rescuer, **more)).id

    def measure(self, rescuer: Rescuer = GOOD, who: int | None = None, **more: Any) -> int:
        """The mentor sends what the apprentice did; or somebody else tries to."""
        self.session.commit()
        with self.as_(who or self.world.a.examiner) as actor:
            pair = db.session.get_one(Pairing, self.pairing)
            return services.measure(actor, pair, run=traces.run_of(rescuer, **more)).id

    def withdraw(self, who: int, trace: int, reason: str = "传感器松了") -> None:
        """Take a trace back."""
        self.do(who, SkillTrace, trace, services.withdraw, reason=reason)

    def deliver(self) -> None:
        """Everybody hears of what was sent and taken back, twice: once is all that counts."""
        self.session.commit()
        for kind, name in (("TraceMeasured", "results.record_trace"), ("TraceWithdrawn", "results.take_trace_back")):
            told = self.session.scalars(sa.select(OutboxEvent.id).where(OutboxEvent.kind == kind)).all()
            for event in [*told, *told]:
                with self.app.app_context():
                    deliver(event, name)

    def results(self) -> list[Result]:
        """What stands in the table of evidence, in order."""
        self.session.expire_all()
        query = sa.select(Result).where(Result.source_kind == services.SOURCE).order_by(Result.id)
        return list(self.session.scalars(query))

    def row(self, trace: int) -> SkillTrace:
        """The trace as it stands."""
        self.session.expire_all()
        return self.session.get_one(SkillTrace, trace)


@pytest.fixture
def ward(app: Flask, as_: As, session: orm.Session, world: World) -> Iterator[Ward]:
    yield Ward(app, as_, session, world)


def test_a_watched_run_becomes_evidence_once(ward: Ward, world: World) -> None:
    made = ward.measure()
    ward.deliver()
    row, (result,) = ward.row(made), ward.results()
    assert (row.supervised, row.counts, row.person_id) == (True, True, world.a.doctor)
    assert zlib.decompress(row.content) == traces.file_of(GOOD)
    assert (row.size, row.sha256.hex()) == (len(traces.file_of(GOOD)), traces.hash_of(GOOD))
    assert (result.kind, result.value, result.person_id) == (ResultKind.SIMULATED_CASE, row.percent, world.a.doctor)
    assert (result.assessor_id, result.technique_id) == (world.a.examiner, row.version.target.technique_id)
    assert row.version.target.technique is not None
    assert row.version.target.technique.code == "cpr-adult"


def test_ones_own_practice_is_never_evidence(ward: Ward, world: World) -> None:
    made = ward.practise(world.a.doctor)
    ward.deliver()
    assert not ward.row(made).supervised
    assert ward.results() == []


def test_a_short_run_and_one_without_technique_are_no_evidence(ward: Ward) -> None:
    assert not ward.row(ward.measure(replace(GOOD, compressions=60))).counts
    assert ward.row(ward.measure(replace(GOOD, depth=43), code="cpr-infant")).counts
    ward.deliver()
    assert ward.results() == []


def test_the_same_trace_stands_once_for_one_person(ward: Ward, world: World) -> None:
    made = ward.practise(world.a.doctor)
    with pytest.raises(Conflict, match="已经上传过"):
        ward.practise(world.a.doctor)
    with pytest.raises(Conflict, match="别人"):
        ward.practise(world.b.doctor)
    ward.withdraw(world.a.doctor, made)
    again = ward.measure()
    assert (ward.row(made).edition, ward.row(again).edition) == (1, 2)


def test_a_trace_taken_back_counts_no_longer_and_stays(ward: Ward, world: World, page: Page) -> None:
    made = ward.measure()
    ward.deliver()
    ward.withdraw(world.a.examiner, made, "是另一位医师做的")
    ward.deliver()
    assert [one.value is None for one in ward.results()] == [False, True]
    soup = page.get(f"/traces/{made}", world.a.doctor)
    assert "是另一位医师做的" in soup.text
    with pytest.raises(Conflict):
        ward.withdraw(world.a.examiner, made)
    for reason in ("", " ", "长" * 401, "a\x00b"):
        with pytest.raises(Invalid):
            ward.withdraw(world.a.examiner, ward.measure(WEAK) if reason == "" else made + 1, reason)


def test_taken_back_before_anybody_heard_it_never_was_evidence(ward: Ward, world: World) -> None:
    ward.withdraw(world.a.examiner, ward.measure())
    ward.deliver()
    assert ward.results() == []


@pytest.mark.parametrize("days", [-1, 367, 61])
def test_the_day_of_the_run_must_be_possible(ward: Ward, days: int) -> None:
    with pytest.raises(Invalid):
        ward.measure(days_ago=days)


def test_who_may_not_measure(ward: Ward, world: World) -> None:
    for who in (world.a.second_examiner, world.a.doctor, world.b.examiner, world.b.exam_officer, world.a.manager):
        with pytest.raises((NotAllowed, sa.exc.NoResultFound)):
            ward.measure(who=who)
    with pytest.raises(NotAllowed):
        ward.practise(world.a.exam_officer)


def test_an_officer_measures_doctors_of_the_own_area_only(ward: Ward, world: World, page: Page) -> None:
    def send(who: int, expect: int) -> None:
        file = (io.BytesIO(traces.file_of(GOOD)), "run.csv")
        data = {"file": file, "target": "cpr-adult", "done_on": clock.today().isoformat(), "watched": "y"}
        page.post(f"/traces/people/{world.a.doctor}/new", who, expect=expect, **data)

    for who in (world.b.exam_officer, world.b.doctor):
        send(who, 404)
    send(world.a.manager, 403)
    send(world.a.exam_officer, 303)
    page.get(page.answer.location, world.a.exam_officer)


def test_bad_files_are_refused_on_the_page_and_leave_nothing(
    ward: Ward, session: orm.Session, world: World, page: Page
) -> None:
    bad = {
        b"time_s,depth_mm\n0,0\n0.1,NaN\n": "第 3 行",
        b"time_s,depth_mm\n-1,0\n0.1,1\n": "小于零",
        b"\x00\x01\x02": "csv",
        b"time_s,depth_mm\n" + b"".join(f"{n / 20},0\n".encode() for n in range(200)): "没有按压",
        b"PK\x03\x04": "csv",
        b"": "",
    }
    for data, said in bad.items():
        form = {"file": (io.BytesIO(data), "run.csv"), "target": "cpr-adult", "done_on": clock.today().isoformat()}
        soup = page.post("/traces/mine/new", world.a.doctor, expect=422, **form)
        assert said in soup.text
    page.post("/traces/mine/new", world.a.doctor, expect=422, target="cpr-adult", done_on="")
    assert session.scalar(sa.select(sa.func.count()).select_from(SkillTrace)) == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page(ward: Ward, world: World, page: Page, language: str) -> None:
    doctor, mentor, officer = world.a.doctor, world.a.examiner, world.a.exam_officer
    page.get("/traces/mine", doctor, language=language)
    page.get("/traces/mine/new", doctor, language=language)
    page.get(f"/traces/pairs/{ward.pairing}/new", mentor, language=language)
    first, second = ward.measure(WEAK, days_ago=7), ward.measure(GOOD)
    own = ward.practise(doctor, replace(WEAK, fade=8, left=0))
    for trace in (first, second, own):
        for who in (doctor, mentor):
            page.get(f"/traces/{trace}", who, language=language)
    page.get("/traces/mine", doctor, language=language)
    page.get(f"/mentoring/pairs/{ward.pairing}", mentor, language=language)
    for url in ("/traces", "/traces?q=王&target=cpr-adult&sort=percent", "/traces/choose?q=王"):
        page.get(url, officer, language=language)
    page.get(f"/traces/{second}", officer, language=language)
    page.get(f"/traces/people/{doctor}/new", officer, language=language)
    page.get("/techniques/cpr-adult", doctor, language=language)
    page.get("/traces?export=xlsx", officer)
    page.get("/traces?export=csv", officer)
    page.get(f"/traces/{own}/file", doctor)
    assert page.answer.data == traces.file_of(replace(WEAK, fade=8, left=0))
    page.get("/traces/example.csv", mentor)


def test_the_report_says_the_two_things_and_the_way_since_before(ward: Ward, world: World, page: Page) -> None:
    ward.measure(WEAK, days_ago=7)
    soup = page.get(f"/traces/{ward.measure(replace(GOOD, depth=44))}", world.a.doctor)
    changes = [one.text for one in soup.select(".changes h3")]
    assert changes[0] == "按深一些"
    assert len(changes) <= 2
    assert "进步" in soup.select("#trend")[0].text
    assert soup.select('a[href="/techniques/cpr-adult"]')


def test_the_report_of_the_longest_trace_stays_light(ward: Ward, world: World, page: Page) -> None:
    long = Rescuer(
        rate=118, depth=49, compressions=3000, left=6, shake=0.5, pauses=dict.fromkeys(range(30, 3000, 30), 4.0)
    )
    page.get(f"/traces/{ward.practise(world.a.doctor, long)}", world.a.doctor)
    assert len(page.answer.data) < 200_000


def test_the_example_is_a_trace(ward: Ward, world: World, page: Page) -> None:
    page.get("/traces/example.csv", world.a.doctor)
    form = {"target": "cpr-adult", "done_on": clock.today().isoformat()}
    file = (io.BytesIO(page.answer.data), "cpr-example.csv")
    page.post("/traces/mine/new", world.a.doctor, expect=303, file=file, **form)


def test_the_neighbour_and_the_own_office_see_what_they_should(ward: Ward, world: World, page: Page) -> None:
    watched, own = ward.measure(), ward.practise(world.a.doctor, WEAK)
    strangers = (world.b.exam_officer, world.b.manager, world.b.examiner, world.b.doctor)
    for who in (*strangers, world.a.second_examiner, world.a.second_doctor):
        for trace in (watched, own):
            page.get(f"/traces/{trace}", who, expect=404)
            page.get(f"/traces/{trace}/file", who, expect=404)
            page.post(f"/traces/{trace}/withdraw", who, expect=404, reason="x")
    page.get(f"/traces/{watched}", world.a.exam_officer)
    for who in (world.a.exam_officer, world.a.manager, world.a.auditor):
        page.get(f"/traces/{own}", who, expect=403)
        page.get(f"/traces/{own}/file", who, expect=403)
    page.post(f"/traces/{own}/withdraw", world.a.exam_officer, expect=403, reason="x")
    page.post(f"/traces/{watched}/withdraw", world.a.doctor, expect=403, reason="x")
    assert "王小明" not in page.get("/traces", world.b.exam_officer).select("main")[0].text
    assert "王小明" in page.get("/traces", world.a.exam_officer).select("main")[0].text


def test_the_mentor_loses_sight_when_the_pair_is_over(
    ward: Ward, session: orm.Session, world: World, page: Page
) -> None:
    trace = ward.measure()
    page.get(f"/traces/{trace}", world.a.examiner)
    pair = session.get_one(Pairing, ward.pairing)
    pair.agreed_until = clock.today()
    session.commit()
    page.get(f"/traces/{trace}", world.a.examiner, expect=404)
    page.get(f"/traces/pairs/{ward.pairing}/new", world.a.examiner, expect=403)


def test_lists_ask_the_same_number_of_questions(
    ward: Ward, session: orm.Session, world: World, page: Page, queries: list[str]
) -> None:
    trace = ward.row(ward.measure())
    columns = [one.key for one in sa.inspect(SkillTrace).columns if one.key not in ("id", "sent_at")]
    values = {key: getattr(trace, key) for key in columns}

    def cost(url: str, who: int, rows: int) -> int:
        have = session.scalar(sa.select(sa.func.count()).select_from(SkillTrace)) or 0
        more = [
            values | {"digest": number.to_bytes(32, "big"), "done_on": ago(number % 50)} for number in range(have, rows)
        ]
        if more:
            session.execute(sa.insert(SkillTrace), more)
        session.commit()
        page.get(url, who)
        queries.clear()
        page.get(url, who)
        return len(queries)

    asked = [
        ("/traces", world.a.exam_officer),
        ("/traces/mine", world.a.doctor),
        (f"/traces/{trace.id}", world.a.doctor),
    ]
    few = [cost(url, who, 15) for url, who in asked]
    assert few == [cost(url, who, 300) for url, who in asked]


def test_a_new_edition_of_the_guideline_judges_only_what_comes_after(ward: Ward, session: orm.Session) -> None:
    before = ward.measure()
    version = ward.row(before).version
    body = version.body | {"depth": {"low_mm": 56, "high_mm": 65}}
    session.add(
        TraceTargetVersion(
            target_id=version.target_id, version=2, body=body, sources=version.sources, content_hash=b"x" * 32
        )
    )
    session.commit()
    percent = ward.row(before).percent
    with ward.as_(ward.world.a.examiner) as actor:
        run = traces.run_of(replace(GOOD, compressions=200))
        newest = trace_queries.newest_targets()[0]
        later = services.measure(actor, db.session.get_one(Pairing, ward.pairing), run=replace(run, version=newest))
        assert (newest.version, later.measured["findings"][0]["how"]) == (2, "shallow")
    assert ward.row(before).percent == percent == 100


def test_the_person_is_needed_for_evidence_even_after_moving(ward: Ward, session: orm.Session, world: World) -> None:
    made = ward.measure()
    doctor = session.get_one(Person, world.a.doctor)
    doctor.institution_id = world.b.township
    session.commit()
    ward.deliver()
    assert ward.results()[0].source_id == str(made)
    assert ward.row(made).done_on > clock.today() - timedelta(days=2)
