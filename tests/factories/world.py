"""A small world for tests: one city, two counties alike, and one person per role in each.

Whatever a test allows in county A it can ask of the neighbour in county B.
"""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import orm

from lms.authz import Role
from lms.institutions.models import Consortium, ConsortiumMember, Institution, Kind
from lms.institutions.rules.pinyin import person_key, sort_key
from lms.people.models import Category, Person, Post, RoleGrant

BEGINS = date(2024, 1, 1)
_TREE = [
    ("hospital", Kind.COUNTY_HOSPITAL, "县人民医院"),
    ("township", Kind.TOWNSHIP_HOSPITAL, "镇卫生院"),
    ("clinic", Kind.VILLAGE_CLINIC, "村卫生室"),
]
_OFFICERS = {
    "exam_officer": Role.EXAM_OFFICER,
    "certificate_officer": Role.CERTIFICATE_OFFICER,
    "second_certificate_officer": Role.CERTIFICATE_OFFICER,
    "manager": Role.INSTITUTION_MANAGER,
    "editor": Role.COURSE_EDITOR,
    "auditor": Role.AUDITOR,
    "administrator": Role.SYSTEM_ADMINISTRATOR,
}


@dataclass
class County:
    """Ids of one county's institutions and persons, by name."""

    commission: int = 0
    hospital: int = 0
    township: int = 0
    clinic: int = 0
    people: dict[str, int] = field(default_factory=dict)

    def __getattr__(self, name: str) -> int:
        people = self.__dict__.get("people", {})
        if name in people:
            return int(people[name])
        raise AttributeError(name)


@dataclass
class World:
    """The city and its two counties; `a` is home, `b` the neighbour."""

    city: int
    a: County
    b: County
    people: dict[str, int]


def institution(session: orm.Session, code: str, name: str, kind: Kind, parent: Institution | None) -> Institution:
    """One institution in its place in the tree."""
    made = Institution(code=code, name=f"{name}（演示）", kind=kind, division_code=code[:12], parent=parent, path="0")
    made.sort_key = sort_key(name)
    session.add(made)
    session.flush()
    made.path = f"{parent.path}.{made.id}" if parent else str(made.id)
    session.flush()
    return made


def person(session: orm.Session, account: str, name: str, category: Category, at: int, *roles: tuple[Role, int]) -> int:
    """One person with a main post and roles, each over the subtree of an institution."""
    made = Person(account=account, name=name, category=category, institution_id=at)
    made.sort_key = person_key(name)
    session.add(made)
    session.flush()
    session.add(Post(person_id=made.id, institution_id=at, begins_on=BEGINS, main=True))
    for role, root in roles:
        session.add(RoleGrant(person_id=made.id, role=role, institution_id=root, begins_on=BEGINS))
    session.flush()
    return made.id


def build(session: orm.Session) -> World:
    """Make the world; the caller commits."""
    city = institution(session, "530300", "示例市卫生健康委", Kind.CITY_COMMISSION, None)
    a, b = (_county(session, city, letter, code) for letter, code in (("a", "530302"), ("b", "530303")))
    people = {
        name: person(session, f"city-{name}", f"市{name}", Category.ADMINISTRATOR, city.id, (role, city.id))
        for name, role in _OFFICERS.items()
    }
    consortium = Consortium(name="示例医共体（演示）", leader_id=a.hospital, begins_on=BEGINS)
    session.add(consortium)
    session.flush()
    for member in (a.hospital, a.township):
        session.add(ConsortiumMember(consortium_id=consortium.id, institution_id=member, begins_on=BEGINS))
    session.flush()
    return World(city.id, a, b, people)


def _county(session: orm.Session, city: Institution, letter: str, code: str) -> County:
    commission = institution(session, code, f"{letter}县卫生健康局", Kind.COUNTY_COMMISSION, city)
    made = County(commission=commission.id)
    parent = commission
    for number, (name, kind, words) in enumerate(_TREE, 1):
        parent = institution(session, f"{code}{number:03}", f"{letter}{words}", kind, parent)
        setattr(made, name, parent.id)
    add = made.people
    add["doctor"] = person(
        session,
        f"{letter}-doctor",
        "王小明",
        Category.GENERAL_PRACTITIONER,
        made.township,
        (Role.DOCTOR, made.township),
    )
    add["second_doctor"] = person(
        session,
        f"{letter}-doctor2",
        "李小红",
        Category.GENERAL_PRACTITIONER,
        made.township,
        (Role.DOCTOR, made.township),
    )
    add["village_doctor"] = person(
        session, f"{letter}-village", "赵大山", Category.VILLAGE_DOCTOR, made.clinic, (Role.DOCTOR, made.clinic)
    )
    add["examiner"] = person(
        session, f"{letter}-examiner", "陈建国", Category.SPECIALIST, made.hospital, (Role.MENTOR, made.hospital)
    )
    add["second_examiner"] = person(
        session, f"{letter}-examiner2", "周敏", Category.SPECIALIST, made.hospital, (Role.MENTOR, made.hospital)
    )
    for name, role in _OFFICERS.items():
        add[name] = person(
            session,
            f"{letter}-{name}",
            f"{letter}{name}",
            Category.ADMINISTRATOR,
            made.commission,
            (role, made.commission),
        )
    return made
