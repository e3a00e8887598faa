"""A request that waits on a live database, and an assessor who can sign in."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.stations.models import Station
from assessments.workplace.models import WorkplaceRequest
from lms import clock
from lms.authz import Actor
from lms.db import act_as
from lms.techniques.models import Technique
from tests.databases import Live
from tests.factories.osce_live import give_password


@dataclass
class Visit:
    """Whom an assessor is to watch, and under which account."""

    live: Live
    request: int
    account: str

    @property
    def sheet(self) -> str:
        """The sheet's page."""
        return f"{self.live.address}/workplace/requests/{self.request}/sheet"


def visit_to(live: Live, form: str = "mini-cex", technique: str = "hypertension-management") -> Visit:
    """The doctor of county A has asked an assessor of the county's hospital, by a form of the content pack."""
    live.flask("content", "load", "content")
    county = live.world.a
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        row = WorkplaceRequest(
            person_id=county.doctor,
            institution_id=county.township,
            station_id=session.scalars(sa.select(Station.id).where(Station.code == form)).one(),
            technique_id=session.scalars(sa.select(Technique.id).where(Technique.code == technique)).one(),
            doctor_name="王小明",
            assessor_id=county.examiner,
            assessor_name="陈建国",
            assessor_institution_id=county.hospital,
            proposed_on=clock.today(),
        )
        session.add(row)
        account = give_password(session, county.examiner)
        session.flush()
        made = Visit(live, row.id, account)
        session.commit()
    return made
