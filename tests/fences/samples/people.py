"""What is kept about people of county A."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.bank.models import QuestionImport
from assessments.stall.models import Flag
from lms import clock
from lms.audit.models import AuditEvent
from lms.institutions.models import Consortium, ConsortiumMember
from lms.notifications.models import Delivery, Notice
from lms.people.models import Erasure, Passkey, PersonExport, RoleGrant, RosterImport, SignIn
from lms.techniques.models import Technique
from tests.factories.world import World
from tests.fences.samples.addresses import Made


def notice(session: orm.Session, world: World) -> Made:
    """What the doctor was told, by letter too, which failed."""
    here = {"person_id": world.a.doctor, "institution_id": world.a.township}
    notice = Notice(**here, kind="exams.released", matter="sample", facts={})
    session.add(notice)
    session.flush()
    stuck = {"channel": "mail", "state": "failed", "why": "sample", "due_at": clock.now()}
    delivery = Delivery(**here, notification_id=notice.id, **stuck)
    session.add(delivery)
    session.flush()
    return {"notice": notice.id, "delivery": delivery.id}


def rows(session: orm.Session, world: World) -> Made:
    """A flag, a sign-in, an export, an erasure, a passkey, files on their way in, a role, a consortium."""
    who = {"person_id": world.a.doctor, "institution_id": world.a.township}
    later = sa.text("now() + interval '1 day'")
    rows: Made = {
        "flag": Flag(
            **who,
            technique_id=session.scalar(sa.select(sa.func.min(Technique.id))),
            raised_on=clock.today(),
            since=clock.today(),
            level=70,
            reasons=[{"code": "pause", "days": 140}],
            history=[["2026-01-01", 70.0]],
        ),
        "sign_in": SignIn(**who, token_hash=b"x" * 32),
        "export": PersonExport(**who, asked_by_id=world.a.doctor, expires_at=later),
        "erasure": Erasure(**who, asked_by_id=world.a.manager, reason="x", due_on=clock.today()),
        "passkey": Passkey(**who, credential_id=b"c", public_key=b"k", sign_count=0, label="x"),
    }
    rows |= _files_on_their_way(world, later)
    session.add_all(rows.values())
    session.flush()
    made = {name: row.id for name, row in rows.items()}
    role = sa.select(RoleGrant.id).where(RoleGrant.person_id == world.a.doctor)
    audit = sa.select(sa.func.max(AuditEvent.id)).where(AuditEvent.institution_id == world.a.commission)
    consortium = session.scalars(sa.select(Consortium)).one()
    member = sa.select(ConsortiumMember.id).where(ConsortiumMember.institution_id == world.a.township)
    return made | {
        "role": session.scalar(role),
        "audit": session.scalar(audit),
        "consortium": consortium.id,
        "member": session.scalar(member),
    }


def _files_on_their_way(world: World, later: Any) -> Made:
    """Questions and a roster that were sent and not looked at yet."""
    return {
        "question_import": QuestionImport(
            institution_id=world.a.commission,
            sent_by_id=world.a.editor,
            file_name="x.xml",
            kind="xml",
            format="moodle",
            defaults={},
            sha256="0" * 64,
            content=b"x",
            expires_at=later,
        ),
        "roster": RosterImport(
            institution_id=world.a.commission,
            sent_by_id=world.a.manager,
            file_name="x.xlsx",
            kind="xlsx",
            sha256="0" * 64,
            content=b"x",
            expires_at=later,
        ),
    }
