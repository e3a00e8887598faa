"""What follows from stars, from certificates to pages: a hand-checked sample, settled months, and who may see what."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from ruamel.yaml import YAML

import config
from assessments.certification import content
from assessments.certification.models import (
    Certificate,
    CertificatePeriod,
    CertificateSignature,
    FollowsPolicy,
    Proposal,
    StarDecision,
    SubsidyLine,
    SubsidyMonth,
)
from assessments.certification.queries import decisions, follows, telling
from assessments.certification.rules.follows import Follows, after_months
from assessments.certification.services.follows import prepare, settle
from lms import clock, ids
from lms.authz import Actor
from lms.db import act_as, db, transaction, unfenced
from lms.digests import digest
from lms.errors import Conflict, NotAllowed
from lms.institutions.models import Institution
from lms.ledger import services as ledger
from lms.people.models import Person, Post
from lms.web import workbooks
from lms.web.intake import Kind

DEFAULT = YAML(typ="safe").load(config.CHECKOUT / "content" / "follows" / "default.yaml")
THIS = clock.today().replace(day=1)
LAST = after_months(THIS, -1)


#: What every decision of the sample says alike.
DECIDED = ("policy_version_id", "evidence_hash", "evidence_ids", "on_day", "explanation")


class File:
    """A file of a pack that kept to its schema."""

    def __init__(self, value: Follows) -> None:
        self.name, self.value = "follows/test.yaml", value


def load(app, **changes):
    """Put a policy on what follows in place, as `content load` does."""
    value = Follows.model_validate(DEFAULT | changes)
    with app.app_context():
        act_as(db.session, Actor.job("test"))
        with transaction(db.session):
            return content.load_follows(None, [File(value)])


@pytest.fixture
def policy(app) -> None:
    load(app)


@pytest.fixture
def paper(session, certificate):
    """Another certificate of anybody, with the words of the real one: star, periods, number."""

    def make(person: int, star: int, *periods: tuple[date, date | None]) -> Certificate:
        who = session.get_one(Person, person)
        ours = {"person_id": person, "institution_id": who.institution_id}
        case = session.get_one(Proposal, certificate.proposal_id)
        number = f"T{session.scalar(sa.select(sa.func.max(Certificate.id)))}"
        words = ledger.append_many(session, [ledger.Statement("test", {"number": number, "n": n}) for n in range(3)])
        in_ledger = [{"ledger_index": one.index, "sealed": one.sealed} for one in words]
        same = {"category": who.category, "star": star, "authority_id": certificate.authority_id}
        decision = StarDecision(**ours, **in_ledger[0], star=star, **{n: getattr(case.decision, n) for n in DECIDED})
        session.add(decision)
        session.flush()
        new = {"decision_id": decision.id, "public_id": ids.public_id(), "document_hash": digest(number)}
        proposal = Proposal(**ours, **same, **in_ledger[1], **new)
        session.add(proposal)
        session.flush()
        given = {"proposal_id": proposal.id, "number": number, "public_id": proposal.public_id}
        made = Certificate(**ours, **same, **in_ledger[2], **given)
        session.add(made)
        session.flush()
        for begins, ends in periods:
            session.add(CertificatePeriod(**ours, certificate_id=made.id, begins_on=begins, ends_on=ends))
        sign = session.scalars(sa.select(CertificateSignature).filter_by(certificate_id=certificate.id)).one()
        signed = {"key_id": sign.key_id, "signature": sign.signature, "card_signature": sign.card_signature}
        session.add(CertificateSignature(certificate_id=made.id, version=sign.version, **signed))
        session.commit()
        return made

    return make


@pytest.fixture
def sample(session, world, paper, policy):
    """The hand-checked sample of county a: five stars for long and since last week, four stars, expired, far away."""
    long, week = date(2024, 1, 1), clock.today() - timedelta(days=7)
    paper(world.a.doctor, 5, (long, clock.today() + timedelta(days=400)))
    paper(world.a.second_doctor, 4, (long, None))
    paper(world.a.village_doctor, 5, (long, LAST + timedelta(days=3)))
    paper(world.b.doctor, 5, (long, None))
    paper(world.b.second_doctor, 5, (week, None))
    post = session.scalars(sa.select(Post).where(Post.person_id == world.a.doctor)).one()
    post.begins_on = date(clock.today().year - 16, 1, 1)
    session.commit()
    return world


def of(as_, who, place, month=LAST):
    """The subsidy of a month as somebody sees it."""
    with as_(who):
        made = follows.month_of(db.session, db.session.get_one(Institution, place), month)
        assert made is not None
        return made


def test_the_subsidy_of_a_month_is_the_hand_checked_one(as_, sample) -> None:
    made = of(as_, sample.a.certificate_officer, sample.a.commission)
    assert [(one.id, row.yuan) for one, row in made.paid] == [(sample.a.doctor, Decimal(800))]
    assert made.refused == ()
    assert made.on == THIS - timedelta(days=1)
    before = of(as_, sample.a.certificate_officer, sample.a.commission, after_months(LAST, -1))
    assert {one.id for one, _row in before.paid} == {sample.a.doctor, sample.a.village_doctor}
    whole = of(as_, sample.people["certificate_officer"], sample.city, THIS)
    assert {one.id for one, _row in whole.paid} == {sample.a.doctor, sample.b.doctor, sample.b.second_doctor}
    assert whole.yuan == 2400


def test_a_past_month_holds_who_worked_there_then(as_, session, sample) -> None:
    post = session.scalars(sa.select(Post).where(Post.person_id == sample.a.doctor)).one()
    post.ends_on = THIS
    session.add(Post(person_id=sample.a.doctor, institution_id=sample.b.hospital, begins_on=THIS))
    session.commit()
    assert len(of(as_, sample.a.certificate_officer, sample.a.commission).paid) == 1
    assert of(as_, sample.a.certificate_officer, sample.a.commission, THIS).paid == ()
    there = of(as_, sample.b.certificate_officer, sample.b.commission, THIS)
    ((refused, row),) = there.refused
    assert (refused.id, [one.what for one in row.missing]) == (sample.a.doctor, ["post"])


def test_the_lists_and_the_certificates_pages_agree_on_every_day(session, sample) -> None:
    """The lists read columns; the pages ask `decisions.status_of`. Both must say the same of the same day."""
    persons = [
        sample.a.doctor,
        sample.a.second_doctor,
        sample.a.village_doctor,
        sample.b.doctor,
        sample.b.second_doctor,
    ]
    for on in (clock.today() + timedelta(days=n) for n in range(-800, 801, 50)):
        held = follows._held(session, persons, on)
        for person in persons:
            force = [c for c in decisions.certificates_of(session, person) if decisions.status_of(c, on).in_force]
            assert (held[person].star if person in held else 0) == max((c.star for c in force), default=0)


def test_a_month_is_settled_once_and_stays_what_it_is(as_, session, sample, paper) -> None:
    first, second = sample.a.certificate_officer, sample.a.second_certificate_officer
    seen = of(as_, first, sample.a.commission).hash
    with as_(first) as actor:
        prepare(actor, db.session.get_one(Institution, sample.a.commission), month=LAST, seen=seen)
    with as_(second) as actor:
        made = settle(actor, db.session.get_one(Institution, sample.a.commission), month=LAST, seen=seen)
        assert (made.persons, made.yuan, made.content_hash) == (1, Decimal(800), seen)
        assert (made.prepared_by_id, made.settled_by_id) == (first, second)
    session.commit()
    line = session.scalars(sa.select(SubsidyLine)).one()
    assert (line.person_id, line.star, line.yuan) == (sample.a.doctor, 5, Decimal(800))
    paper(sample.a.second_doctor, 5, (date(2024, 1, 1), None))
    assert of(as_, sample.a.certificate_officer, sample.a.commission).hash != seen
    assert session.scalars(sa.select(SubsidyMonth.content_hash)).one() == seen
    for who, place in (
        (sample.a.second_certificate_officer, sample.a.commission),
        (sample.people["certificate_officer"], sample.city),
    ):
        again = of(as_, who, place).hash
        for verb in (prepare, settle):
            with as_(who) as actor, pytest.raises(Conflict, match="结算"):
                verb(actor, db.session.get_one(Institution, place), month=LAST, seen=again)


@pytest.mark.parametrize("verb", [prepare, settle])
def test_what_cannot_be_settled(as_, sample, verb) -> None:
    officer, home = sample.a.certificate_officer, sample.a.commission
    with as_(officer) as actor:
        place = db.session.get_one(Institution, home)
        with pytest.raises(Conflict):
            verb(actor, place, month=THIS, seen=of(as_, officer, home, THIS).hash)  # not over yet
        with pytest.raises(Conflict):
            verb(actor, place, month=LAST, seen=bytes(32))  # not what was looked at
        with pytest.raises(Conflict):  # a hospital settles nothing
            verb(actor, db.session.get_one(Institution, sample.a.hospital), month=LAST, seen=bytes(32))
    for who in ("auditor", "manager", "doctor", "exam_officer"):
        with as_(getattr(sample.a, who)) as actor, unfenced(db.session), pytest.raises(NotAllowed):
            verb(actor, db.session.get_one(Institution, home), month=LAST, seen=bytes(32))
    with as_(sample.b.certificate_officer) as actor, unfenced(db.session), pytest.raises(NotAllowed):
        verb(actor, db.session.get_one(Institution, home), month=LAST, seen=bytes(32))


def test_one_officer_settles_nothing(as_, session, sample, paper) -> None:
    first, second, home = sample.a.certificate_officer, sample.a.second_certificate_officer, sample.a.commission
    seen = of(as_, first, home).hash
    with as_(second) as actor, pytest.raises(Conflict, match="制表"):  # nobody prepared it
        settle(actor, db.session.get_one(Institution, home), month=LAST, seen=seen)
    with as_(first) as actor:
        place = db.session.get_one(Institution, home)
        prepare(actor, place, month=LAST, seen=seen)
        with pytest.raises(Conflict, match="另一位"):  # nor is one officer two
            settle(actor, place, month=LAST, seen=seen)
    session.commit()
    paper(sample.a.second_doctor, 5, (date(2024, 1, 1), None))
    now = of(as_, first, home).hash
    assert now != seen
    with as_(second) as actor, pytest.raises(Conflict, match="制表"):  # another list than was prepared
        settle(actor, db.session.get_one(Institution, home), month=LAST, seen=now)
    with as_(second) as actor:
        prepare(actor, db.session.get_one(Institution, home), month=LAST, seen=now)
    with as_(first) as actor:
        assert settle(actor, db.session.get_one(Institution, home), month=LAST, seen=now).persons == 2


def test_the_database_wants_two_officers(session, sample) -> None:
    place, officer = sample.a.commission, sample.a.certificate_officer
    policy = session.scalar(sa.select(FollowsPolicy.id))
    given = {"institution_id": place, "month": LAST, "policy_id": policy, "persons": 0, "yuan": 0}
    session.add(SubsidyMonth(**given, content_hash=bytes(32), prepared_by_id=officer, settled_by_id=officer))
    with pytest.raises(sa.exc.IntegrityError, match="two_officers"):
        session.flush()
    session.rollback()


def test_the_other_officers_are_told(session, sample, as_) -> None:
    first, home = sample.a.certificate_officer, sample.a.commission
    with as_(first) as actor:
        seen = follows.month_of(db.session, db.session.get_one(Institution, home), LAST).hash
        made = prepare(actor, db.session.get_one(Institution, home), month=LAST, seen=seen).id
        told = {one.person_id for one in telling.prepared({"preparation_id": made})}
    assert sample.a.second_certificate_officer in told
    assert not told & {first, sample.b.certificate_officer, sample.a.manager}


PAGES = ("subsidy", "titles", "honours", "summary")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_in_both_languages(page, sample, language) -> None:
    officer, home = sample.a.certificate_officer, sample.a.commission
    for side in PAGES:
        page.get(f"/follows/{home}/{side}", officer, language=language)
        page.get(f"/follows/{sample.city}/{side}", sample.people["auditor"], language=language)
    page.get(f"/follows/{home}/subsidy?show=refused&q=x", officer, language=language)
    page.get(f"/follows/{home}/titles?claim=associate-chief&show=all", officer, language=language)
    page.get("/stars/follows", sample.a.doctor, language=language)
    page.get(f"/stars/{sample.a.doctor}/follows", officer, language=language)
    page.get("/follows", officer, expect=302, language=language)


def test_before_there_is_a_policy_every_page_says_so(page, world, way) -> None:
    for side in PAGES:
        assert page.get(f"/follows/{world.a.commission}/{side}", world.a.manager).select(".empty")
    page.get("/stars/follows", world.a.doctor)


def test_the_neighbour_sees_nothing(page, sample) -> None:
    for side in PAGES:
        page.get(f"/follows/{sample.a.commission}/{side}", sample.b.certificate_officer, expect=404)
        page.get(f"/follows/{sample.a.commission}/{side}", sample.a.exam_officer, expect=403)
        page.get(f"/follows/{sample.a.commission}/{side}", sample.a.doctor, expect=404)
    page.get(f"/stars/{sample.a.doctor}/follows", sample.b.certificate_officer, expect=404)
    page.get(f"/stars/{sample.a.doctor}/follows", sample.a.second_doctor, expect=404)


def words(soup) -> str:
    return soup.find("main").get_text(" ", strip=True)


def test_each_row_says_why(page, sample) -> None:
    officer, home = sample.a.certificate_officer, sample.a.commission
    chief = words(page.get(f"/follows/{home}/titles?claim=associate-chief", officer, language="en"))
    assert "王小明" in chief
    assert "16 full years in primary care, 15 are asked" in chief or "17 full years" in chief
    lacking = words(page.get(f"/follows/{home}/titles?claim=associate-chief&show=missing", officer, language="en"))
    assert "王小明" not in lacking
    assert "5 stars are asked, 4 are held" in lacking
    honours = words(page.get(f"/follows/{home}/honours", officer, language="en"))
    assert "months without a break, 12 are asked" in honours
    mine = words(page.get("/stars/follows", sample.a.doctor, language="en"))
    assert "800 CNY a month" in mine


def test_the_workbook_has_the_list_its_total_and_who_gets_nothing(page, sample) -> None:
    page.get(f"/follows/{sample.a.commission}/subsidy?export=xlsx", sample.a.certificate_officer, language="en")
    about, paid, refused = workbooks.read(page.answer.data, Kind.XLSX, most_rows=100)
    facts = {row[0]: row[1] for row in about.rows[1:]}
    assert (facts["Month"], facts["Persons"], facts["Together, CNY"]) == (f"{LAST:%Y-%m}", 1, 800)
    head, first, total = paid.rows
    row = dict(zip(head, first, strict=True))
    assert (row["Full name"], row["Star"], row["CNY"]) == ("王小明", 5, 800)
    assert "works in primary care" in row["Why"]
    assert (total[0], total[head.index("CNY")]) == ("Together", 800)
    assert len(refused.rows) == 1


@pytest.mark.parametrize("side", ["titles", "honours", "summary"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_other_tables_are_files_too(page, sample, side, kind) -> None:
    page.get(f"/follows/{sample.a.commission}/{side}?export={kind}&show=all", sample.a.certificate_officer)
    assert "attachment" in page.answer.headers["Content-Disposition"]


def test_two_officers_settle_on_the_page(page, session, sample) -> None:
    a, home = sample.a, sample.a.commission
    address, month = f"/follows/{home}/subsidy", f"{LAST:%Y-%m}"
    seen = page.get(address, a.certificate_officer).find("input", {"name": "hash"})["value"]
    page.post(f"{address}/prepare", a.certificate_officer, expect=409, month=month, hash="no hash")
    for act in ("prepare", "settle"):
        page.post(f"{address}/{act}", a.manager, expect=403, month=month, hash=seen)
        page.post(f"{address}/{act}", sample.b.certificate_officer, expect=404, month=month, hash=seen)
    page.post(f"{address}/settle", a.certificate_officer, expect=409, month=month, hash=seen)
    page.post(f"{address}/prepare", a.certificate_officer, expect=303, month=month, hash=seen)
    own = page.get(address, a.certificate_officer, language="en")
    assert own.find("input", {"name": "hash"}) is None
    assert "You prepared this list" in words(own)
    page.post(f"{address}/settle", a.certificate_officer, expect=409, month=month, hash=seen)
    form = page.get(address, a.second_certificate_officer).select_one("#settle form")
    assert form["action"].endswith("/settle")
    page.post(form["action"], a.second_certificate_officer, expect=303, month=month, hash=seen)
    for language in ("zh", "en"):
        again = page.get(address, a.certificate_officer, language=language)
        assert again.find("input", {"name": "hash"}) is None
        assert len(again.select("#settled .signature")) == 2
    assert "800" in words(page.get("/stars/follows", a.doctor))


def test_the_summary_counts_below_and_together(page, sample) -> None:
    page.get(f"/follows/{sample.city}/summary?export=csv", sample.people["auditor"], language="en")
    lines = page.answer.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 4  # the head, two counties, the whole
    a, b, whole = (line.split(",") for line in lines[1:])
    assert [int(x) + int(y) for x, y in zip(a[1:7], b[1:7], strict=True)] == [int(n) for n in whole[1:7]]
    assert whole[6] == "3"  # of five stars


def test_the_same_statements_for_few_and_for_many(page, session, sample, queries) -> None:
    def asked() -> list[int]:
        counts = []
        for side in PAGES:
            before = len(queries)
            page.get(f"/follows/{sample.a.commission}/{side}?show=all", sample.a.certificate_officer)
            counts.append(len(queries) - before)
        return counts

    asked()
    few = asked()
    for number in range(60):
        one = Person(account=f"more{number}", name=f"医{number}", category="nurse", institution_id=sample.a.township)
        session.add(one)
        session.flush()
        session.add(Post(person_id=one.id, institution_id=sample.a.township, begins_on=date(2001, 1, 1)))
    session.commit()
    assert asked() == few


def test_a_version_that_is_in_use_never_changes(app, session, policy) -> None:
    assert not load(app)
    with pytest.raises(Conflict, match="version 1"):
        load(app, primary=["village_clinic"])
    assert load(app, version=2, valid_from=clock.today() + timedelta(days=1))
    newest = follows.policy_on(session, clock.today())
    assert newest is not None
    assert newest.version == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(FollowsPolicy)) == 2
