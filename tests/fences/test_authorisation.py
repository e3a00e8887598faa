"""Who may is never silent: pages, verbs and tables each say it, or nothing starts."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

import assessments
import courses
import lms
from lms.app import Unpoliced, _check_every_page_is_policed
from lms.authz import POLICY, Actor, Grant, Role
from lms.db import InScope, Model, NoActor, act_as, db
from lms.institutions.models import Institution
from lms.people.models import Person, Post
from lms.people.queries import actor_for
from lms.web.pages import Pages
from tests.factories.world import World

#: Tables outside the fence, each with its reason.
SHARED = {
    "audit_waiting": "sealed under the installation's key; a job moves it into the log, nobody reads it",
    # the tree and what is taught and asked are knowledge that all institutions share
    "institution": "the tree itself is public knowledge inside the system",
    "consortium": "public knowledge inside the system",
    "consortium_member": "public knowledge inside the system",
    "technique": "one catalogue for all",
    "content_load": "which packs were loaded, for all",
    "course": "one catalogue of courses for all",
    "course_version": "one catalogue of courses for all",
    "course_publication": "one catalogue of courses for all",
    "course_technique": "one catalogue of courses for all",
    "lesson": "one catalogue of courses for all",
    "lesson_attachment": "one catalogue of courses for all",
    "course_draft": "drafts are as shared as the courses they become; the permission to write is not",
    "draft_lesson": "drafts are as shared as the courses they become",
    "draft_file": "drafts are as shared as the courses they become",
    "course_review": "who reviewed which course is known to all who write courses",
    "curriculum": "one set of curricula for all",
    "curriculum_version": "one set of curricula for all",
    "curriculum_tier": "one set of curricula for all",
    "curriculum_requirement": "one set of curricula for all",
    "curriculum_publication": "one set of curricula for all",
    "curriculum_draft": "one set of curricula for all; only editors are shown what is being written",
    "curriculum_version_preview": "counts over everybody, no names; whom it could not serve is fenced",
    "assignment_rule": "who gets which curriculum is known to all editors; nobody's name stands there",
    "hours_target": "the minutes a year that are asked, for all",
    "credit_scheme": "how hours become credits, for all",
    "rotation_policy": "what is asked of rotations, for all",
    "rotation_department": "where places are is known to all who plan; nobody's data stand there",
    "rotation_seat": "where places are is known to all who plan; nobody's data stand there",
    "question": "banks are shared; the permission to read them is not",
    "question_picture": "banks are shared; the address of a picture is the hash of its bytes",
    "question_status": "banks are shared; who reviewed what is known to all who may read them",
    "question_version": "banks are shared; keys are loaded only by name, with a permission of their own",
    "shared_stem": "cases of series are as shared as the questions under them",
    "shared_stem_version": "cases of series are as shared as the questions under them",
    "station": "stations are shared; examiners see them through their circuit",
    "station_version": "stations are shared; examiners see them through their circuit",
    "station_status": "stations are shared; who approved which version is known to all who may read them",
    "blueprint": "templates of practical exams are as shared as stations",
    "blueprint_version": "templates of practical exams are as shared as stations",
    "evaluation_form": "forms are shared",
    "indicator": "what is counted, for all; what was counted of whom is not",
    "indicator_version": "what is counted, for all; what was counted of whom is not",
    "trace_target": "what guidelines ask, for all",
    "trace_target_version": "what guidelines ask, for all",
    "evaluation_form_version": "forms are shared",
    "workplace_requirement": "what is asked of a year, for all",
    "workplace_requirement_version": "what is asked of a year, for all",
    "simulated_case": "cases are shared; what a doctor does in one is not",
    "case_version": "cases are shared; keys are loaded only by name, after the end or with a permission of their own",
    "follows_policy": "what follows from stars is public",
    "policy_version": "what each star requires is public",
    "search_document": "only what anyone in its audience may find stands in it",
    "mentoring_policy": "what is asked of pairs, for all",
    # rows without a place of their own, reached only through a fenced row
    "paper_item": "reached through its paper version",
    "answer_event": "reached through its attempt; the saving statement holds the person against it",
    "late_event": "reached through its attempt; the saving statement holds the person against it",
    "attempt_beat": "reached through its attempt",
    "attempt_close": "reached through its attempt",
    # plumbing: ids, hashes, counts
    "stall_model": "coefficients and counts over everybody, nobody's marks; read by jobs and commands",
    "period_signature": "a signature and the period it belongs to; meant for strangers",
    "certificate_signature": "a signature and the number it belongs to; meant for strangers",
    "result_batch": "roots over marks, sealed; ids and times",
    "signer_key": "public keys; meant for strangers",
    "certificate_credential": "sealed under the holder's key; reached through the certificate",
    "status_list": "one bit for each of many certificates, signed; meant for strangers",
    "number_series": "counts of an authority",
    "outbox_event": "ids only; read by jobs",
    "outbox_delivery": "ids only; read by jobs",
    "job": "shown through the relation of whoever requested it",
    "insight_run": "when figures were made and over which days; the figures themselves are fenced",
    "limit_window": "keyed hashes and counts",
    "ledger_entry": "salted hashes only",
    "ledger_head": "roots of the tree",
    "ledger_subject": "sealed keys by random id",
    "ledger_head_signature": "signatures over roots; meant for strangers",
    "ledger_batch": "roots over rows of other tables, and which tables",
    "ledger_row": "salted hashes of rows of other tables",
}


def modules(last: str) -> Iterator[ModuleType]:
    for root in (lms, courses, assessments):
        for found in pkgutil.walk_packages(root.__path__, root.__name__ + "."):
            parts = found.name.split(".")
            if last in parts[2:3]:
                yield importlib.import_module(found.name)


def test_every_page_says_who(built: Flask) -> None:
    silent = {name for name, view in built.view_functions.items() if getattr(view, "needs", None) not in POLICY}
    assert silent == set()


def test_an_unpoliced_rule_keeps_the_app_from_starting() -> None:
    app = Flask("planted")
    app.add_url_rule("/open", "open", lambda: "hello")
    with pytest.raises(Unpoliced, match="/open"):
        _check_every_page_is_policed(app)


#: Modules named services whose functions are called by verbs inside their transaction, each with its reason.
NOT_VERBS = {
    "lms.ledger.services": "the ledger is written by the verbs that have something to prove",
    "lms.ledger.services.appending": "the ledger is written by the verbs that have something to prove",
    "lms.ledger.services.sealing": "rows are committed to by a job, whoever wrote them",
    "lms.ledger.services.witnessing": "heads are written down by a job and signed by the signer",
    "lms.audit.services": "every verb writes itself down, whoever its actor is",
    "lms.search.services.add_source": "fills a registry, in wiring",
    "courses.discussion.services.counting": "what verbs share: a talk held still, its figures counted anew",
    "courses.discussion.services.writing.follow_quietly": "who writes follows, for the verbs ask and answer",
    "lms.notifications.services.telling.notify": "fills registries, in wiring; tells by the verb tell_people",
    "lms.notifications.services.telling.channels": "says which ways out there are, changes nothing",
    "lms.notifications.services.sending.claim": "the post's own books; the job's outcome counts them",
    "lms.notifications.services.sending.settle": "the post's own books; the job's outcome counts them",
    "lms.notifications.services.sending.give_up_stale": "the post's own books; the job's outcome counts them",
    "lms.notifications.services.settings.forget": "deletes rows for the verb that erases a person",
    "courses.rotations.services.written": "what verbs share: a text looked over, a name, a step written down",
    "courses.rotations.services.placing": "what verbs share: who is taken, a place found, a place held",
    "courses.rotations.services.offering.locked": "a lock that verbs take",
    "courses.rotations.services.judging.enter_hours": "a subscriber: acts as the bookkeeper through the verb credit",
    "courses.hours.services.holder": "looks a person up for subscribers, within the fence",
    "assessments.signoff.services.record_result": "a subscriber: acts as the recorder through the verb record",
    "assessments.exams.services.composing": "writes the paper and the key of the verbs that make an exam",
    "assessments.exams.services.sitting.prepared": "says what one candidate gets; the verb that asks writes it",
    "assessments.certification.services.renewing.extend": "writes the next period for the verb issue",
    "assessments.certification.services.changing": "locks and writes for the verbs that issue, revoke and suspend",
    "assessments.results.services.writing": "rows of marks, for the verbs record, record_many and bring_in",
    "assessments.results.services.sealing": "the marks of a transaction under one entry of the ledger, for those verbs",
    "assessments.practice.services.evaluations.write_record": "one record, for the verbs score and answer",
    "assessments.practice.services.evaluations.read_scores": "looks points over, changes nothing",
    "assessments.practice.services.evaluations.result_of": "works a result out, changes nothing",
    "assessments.practice.services.evaluations.write_result": "a version of a result, for the verbs accept and answer",
    "assessments.traces.services.record_result": "a subscriber: acts as the recorder through the verb record",
    "assessments.traces.services.take_back": "a subscriber: acts as the recorder through the verb record",
    "courses.mentoring.services.arranging.lock_pairs": "a lock that verbs take",
    "courses.mentoring.services.arranging.checked": "looks terms over for verbs, changes nothing",
    "courses.mentoring.services.arranging.refusals": "counts places for verbs, changes nothing",
    "courses.mentoring.services.written.kept": "looks a text over, changes nothing",
    "courses.mentoring.services.written.told": "looks a text over, changes nothing",
    "lms.people.services.erasing.erase_all": "goes through those who are due, by the verb erase",
    "lms.people.services.erasing.erase_names": "works as the owner of the database, from the command line alone",
    "lms.people.services.erasing.remembered_in": "reads a file",
    "lms.people.services.patients.unnamed": "looks a text over, changes nothing",
    "courses.authoring.services.holding": "what verbs share: a lock, who wrote, what a draft says",
    "courses.authoring.services.files.ending_of": "looks a file over, changes nothing",
    "courses.authoring.services.files.most_of": "says how large a file may be, changes nothing",
    "courses.authoring.services.files.harmless": "looks a drawing over, changes nothing",
    "courses.authoring.services.files.row_of": "looks a file over and makes its row for the verb take_in",
    "courses.authoring.services.files.attach_kept": "part of the verb put_together, which says who",
    "courses.authoring.services.files.put_in": "part of the verbs attach and put_together, which say who",
    "courses.authoring.services.files.bring": "part of the verb take_in: a film into the store",
    "courses.authoring.services.files.storing": "puts a refusal into words, changes nothing",
    "courses.curricula.services.tiers.checked": "looks a document over, changes nothing",
    "courses.enrolment.services.assigning.move_key": "a name, changes nothing",
    "courses.enrolment.services.earning.enter_hours": "a subscriber: acts as the bookkeeper through the verb credit",
    "courses.enrolment.services.earning.enter_more_hours": "a subscriber: acts as the bookkeeper likewise",
    "assessments.simulation.services.enter_hours": "a subscriber: acts as the bookkeeper through the verb credit",
    "assessments.workplace.services.assessing.record_result": "a subscriber: acts as the recorder through a verb",
    "assessments.simulation.services.record_result": "a subscriber: acts as the recorder through the verb record",
    "assessments.osce.services.holding": "what verbs share: a lock, a reason looked over, an act written down",
    "assessments.exams.services.keys": "builds a corrected key for the verbs that correct",
    "assessments.exams.services.marking.write_run": "writes a marking down for the verbs that mark and regrade",
    "assessments.osce.services.standards.refusal": "says why ratings give no cut, changes nothing",
    "assessments.exams.services.releasing.record_scores": "records results by the verb record, for those that release",
}


def silent_verbs(found: Iterator[ModuleType]) -> set[str]:
    return {
        f"{module.__name__}.{name}"
        for module in found
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not {module.__name__, f"{module.__name__}.{name}"} & set(NOT_VERBS)
        and function.__module__ == module.__name__
        and not name.startswith("_")
        and not hasattr(function, "needs")
    }


def test_every_verb_says_who() -> None:
    assert silent_verbs(modules("services")) == set()


def test_a_silent_verb_is_seen() -> None:
    planted = ModuleType("planted")
    exec("def give_star(actor, person): return 5", planted.__dict__)
    planted.__dict__["give_star"].__module__ = "planted"
    assert silent_verbs(iter([planted])) == {"planted.give_star"}


def test_every_table_is_fenced_or_shared_on_purpose() -> None:
    list(modules("models"))
    loose = {m.class_.__tablename__ for m in Model.registry.mappers if not issubclass(m.class_, InScope)}
    assert loose == set(SHARED)


@pytest.mark.parametrize("door", ["route", "get", "post", "put", "patch", "delete"])
def test_there_is_no_other_door(door: str) -> None:
    with pytest.raises(TypeError):
        getattr(Pages("x", __name__), door)("/x")


def test_a_page_without_needs_does_not_import() -> None:
    with pytest.raises(TypeError):
        Pages("x", __name__).page("/x")  # type: ignore[call-arg]


def other_session(app: Flask, actor: Actor | None) -> orm.Session:
    with app.app_context():
        made = db.sessionmaker()
    if actor is not None:
        act_as(made, actor)
    return made


P2 = orm.aliased(Person)


@pytest.mark.parametrize(
    "query",
    [
        sa.select(Person.id),
        sa.select(P2.id),
        sa.select(Post.person_id),
        sa.select(Person.id).where(Person.id.in_(sa.select(Post.person_id))),
        sa.select(sa.select(Person.id).subquery().c.id),
        sa.union(sa.select(Person.id), sa.select(Post.person_id)),
        sa.select(Person.id).join(Institution, Institution.id == Person.institution_id),
        sa.select(P2.id).select_from(Institution).join(P2, P2.institution_id == Institution.id),
        sa.select(P2.id).select_from(Post).outerjoin(P2, P2.id == Post.person_id),
        sa.select(P2.id).select_from(Institution).outerjoin(P2, P2.institution_id == Institution.id).where(P2.id > 0),
        sa.select(orm.aliased(Person, sa.select(Person).subquery()).id),
    ],
    ids=str,
)
def test_a_forgotten_filter_still_sees_only_ones_own(app: Flask, world: World, query: sa.Select[int]) -> None:
    with app.app_context():
        manager = actor_for_id(app, world.a.manager)
    own = {*world.a.people.values()}
    with other_session(app, manager) as session:
        assert set(session.scalars(query)) == own


def actor_for_id(app: Flask, person_id: int) -> Actor:
    with app.app_context():
        return actor_for(person_id)


def test_the_fence_holds_for_updates_too(app: Flask, world: World) -> None:
    with other_session(app, actor_for_id(app, world.a.manager)) as session:
        changed = session.execute(sa.update(Person).values(email="x@example.org"))
        assert changed.rowcount == len(world.a.people)


def test_a_doctor_sees_only_oneself(app: Flask, world: World) -> None:
    with other_session(app, actor_for_id(app, world.a.doctor)) as session:
        assert list(session.scalars(sa.select(Person.id))) == [world.a.doctor]


def test_the_public_sees_nobody(app: Flask) -> None:
    with other_session(app, Actor.PUBLIC) as session:
        assert list(session.scalars(sa.select(Person.id))) == []


def test_a_query_without_an_actor_is_refused(app: Flask) -> None:
    with other_session(app, None) as session, pytest.raises(NoActor):
        session.scalars(sa.select(Person)).all()


def test_a_core_statement_on_a_fenced_table_is_refused(app: Flask, world: World) -> None:
    with other_session(app, actor_for_id(app, world.a.manager)) as session, pytest.raises(NoActor, match="Core"):
        session.execute(sa.select(Person.__table__.c.id)).all()


def test_one_session_has_one_actor(app: Flask, world: World) -> None:
    with other_session(app, actor_for_id(app, world.a.manager)) as session, pytest.raises(RuntimeError):
        act_as(session, actor_for_id(app, world.b.manager))


def test_a_role_reaches_down_its_subtree_and_not_beside_it() -> None:
    grant = Grant(Role.EXAM_OFFICER, "1.20")
    assert grant.covers("1.20")
    assert grant.covers("1.20.3")
    assert not grant.covers("1.201")
    assert not grant.covers("1")


def test_the_watchers_and_the_watched_are_different_people(session: orm.Session, world: World) -> None:
    insert = sa.text(
        "INSERT INTO role_grant (person_id, institution_id, role, begins_on) "
        "SELECT :person, :institution, role, DATE '2026-01-01' FROM unnest(ARRAY['auditor','certificate_officer']) role"
    )
    with pytest.raises(sa.exc.IntegrityError, match="watchers_and_watched"):
        session.execute(insert, {"person": world.a.doctor, "institution": world.city})
