"""The content pack, the city's institutions from its real divisions, and two consortia."""

from pathlib import Path

import sqlalchemy as sa

import config
from demo.story.stage import Stage
from lms import clock
from lms.authz import Actor
from lms.content.formats import kinds, open_pack
from lms.content.policy import Content
from lms.content.services import load
from lms.db import db
from lms.institutions.formats import read_divisions
from lms.institutions.models import Consortium
from lms.institutions.policy import Consortia, Institutions
from lms.institutions.services import consortia
from lms.institutions.services.importing import import_divisions
from lms.search.policy import Search

DIVISIONS = Path(__file__).resolve().parents[1] / "data" / "qujing_divisions.csv"


def load_content(stage: Stage) -> None:
    """As `flask --app lms content load content` does."""
    known = kinds(config.FEATURES)
    pack = open_pack(config.CHECKOUT / "content", known)
    with stage.acting(Actor.job("demo", Content.LOAD, Search.INDEX)) as actor:
        load(actor, pack, kinds=known)


def load_institutions(stage: Stage) -> None:
    """The tree, and a consortium around each of two county hospitals."""
    with stage.acting(Actor.job("demo", Institutions.IMPORT, Institutions.MANAGE, Consortia.MANAGE)) as actor:
        import_divisions(actor, None, divisions=read_divisions(DIVISIONS.read_bytes()))
        for county, members in (("530302", ("102", "103", "104")), ("530303", ("101", "102"))):
            _consortium(stage, actor, county, members)


def _consortium(stage: Stage, actor: Actor, county: str, members: tuple[str, ...]) -> None:
    leader = stage.institution(f"{county}-H")
    name = leader.name.replace("人民医院", "医共体")
    if db.session.scalar(sa.select(Consortium.id).where(Consortium.name == name)):
        return
    made = consortia.form(actor, leader, name=name, begins_on=clock.today().replace(month=1, day=1))
    for member in members:
        town = stage.institution(f"{county}{member}")
        consortia.join(actor, made, institution=town, begins_on=made.begins_on)
