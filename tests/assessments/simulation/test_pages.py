"""Pages of cases, in both languages: who sees which, what they show and what they keep to themselves."""

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.simulation.models import CaseAct, CaseFinish, CaseRun, CaseVersion, SimulatedCase
from lms import ids
from lms.authz import Actor
from lms.i18n import percent
from lms.search.policy import Search
from lms.search.services import reindex
from lms.techniques.models import Technique
from tests.assessments.simulation.conftest import GRANDFATHER, RENEWAL, Clinic
from tests.conftest import As
from tests.factories.world import World
from tests.pages import Page

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


def act(code: str, **more: str) -> dict[str, str]:
    """One step as the page's script sends it."""
    return {"id": str(ids.uuid7()), "act": code} | more


@LANGUAGES
def test_every_page(clinic: Clinic, world: World, page: Page, language: str) -> None:
    doctor = world.a.doctor
    for address in ("/cases", f"/cases/{RENEWAL}", "/my/cases", "/"):
        page.get(address, doctor, language=language)
    run = clinic.begin(doctor)
    clinic.act(doctor, run, "ask-periods", "decide-renew")
    for address in ("/cases", f"/cases/{RENEWAL}", f"/case-runs/{run}", "/"):
        page.get(address, doctor, language=language)
    clinic.end(doctor, run)
    clinic.play(doctor)
    clinic.tell()
    clinic.pair(world.a.examiner, doctor)
    for address in ("/cases", f"/cases/{RENEWAL}", "/my/cases", f"/case-runs/{run}/report", "/hours"):
        page.get(address, doctor, language=language)
    for address in ("/apprentices/cases", f"/case-runs/{run}/report"):
        page.get(address, world.a.examiner, language=language)
    number = clinic.session.scalars(sa.select(CaseVersion.id)).first()
    for address in ("/case-bank", f"/case-bank/{number}"):
        page.get(address, world.a.editor, language=language)
    page.get("/techniques/hypertension-management", doctor, language=language)


def test_a_case_is_played_with_plain_forms(clinic: Clinic, session: orm.Session, world: World, page: Page) -> None:
    doctor = world.a.doctor
    page.post(f"/cases/{GRANDFATHER}/begin", doctor, expect=303)
    address = page.answer.location
    soup = page.get(address, doctor)
    assert "1.9 mmol/L" not in soup.select_one(".case-parts").get_text()
    page.post(f"{address}/acts", doctor, expect=303, done="test-finger-glucose")
    page.post(f"{address}/acts", doctor, expect=303, done="test-finger-glucose")
    assert page.answer.location.endswith("#act-test-finger-glucose")
    soup = page.get(address, doctor)
    row = soup.select_one("#act-test-finger-glucose")
    assert "1.9 mmol/L" in row.get_text()
    assert row.select_one("button")["aria-pressed"] == "true"
    page.post(f"{address}/acts", doctor, expect=303, done="decide-pour")
    page.post(f"{address}/acts", doctor, expect=303, taken_back="decide-pour")
    page.post(f"{address}/acts", doctor, expect=422, taken_back="test-finger-glucose")
    page.post(f"{address}/acts", doctor, expect=422, done="no such thing")
    assert session.scalar(sa.select(sa.func.count()).select_from(CaseAct)) == 3
    words = page.get(address, doctor).select_one("#case-untouched").get_text()
    assert "问诊" in words
    assert "辅助检查" not in words
    page.post(f"{address}/end", doctor, expect=303)
    report = page.answer.location
    page.post(f"{address}/end", doctor, expect=303)
    assert page.answer.location == report
    page.get(address, doctor, expect=303)
    page.get(report, doctor)


def test_the_page_of_a_case_says_nothing_of_what_is_right_or_comes_of_orders(
    clinic: Clinic, world: World, page: Page
) -> None:
    run = clinic.begin(world.a.doctor)
    clinic.act(world.a.doctor, run, "decide-renew", "ask-neck")
    page.get(f"/case-runs/{run}", world.a.doctor)
    text = page.answer.text
    key = clinic.key()
    for said in key["acts"].values():
        for secret in (said["danger"], said["why"], said.get("found")):
            assert not secret or secret not in text
    for step in key["expert"]:
        assert step["why"] not in text
    assert "needless" not in text


def test_the_script_is_told_what_is_kept(clinic: Clinic, session: orm.Session, world: World, page: Page) -> None:
    run = clinic.begin(world.a.doctor)
    sent = [act("ask-periods"), act("decide-renew"), act("decide-renew", happened="taken_back")]
    for _ in range(2):
        told = page.send(f"/case-runs/{run}/acts", world.a.doctor, {"acts": sent})
        assert set(told["acknowledged"]) == {one["id"] for one in sent}
    page.get(f"/case-runs/{run}/stand", world.a.doctor)
    stand = page.answer.get_json()
    assert (stand["done"], stand["ended"]) == (["ask-periods"], False)
    assert session.scalar(sa.select(sa.func.count()).select_from(CaseAct)) == 3
    page.post(f"/case-runs/{run}/end", world.a.doctor, expect=303)
    page.send(f"/case-runs/{run}/acts", world.a.doctor, {"acts": [act("test-urine")]}, expect=409)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"acts": "x"},
        {"acts": [{"id": "1", "act": "ask-periods"}]},
        {"acts": [{"id": "0190a1b2-c3d4-4e5f-8a6b-7c8d9e0f1a2b", "act": "ask-periods"}]},
        {"acts": [act("ask-periods", happened="forgotten")]},
        {"acts": [act("ask-periods", section="refer")]},
        {"acts": [act("ask-" + "x" * 200)]},
        {"acts": [act("ask-periods\x00")]},
        {"acts": [act("ask-periods") for _ in range(201)]},
    ],
)
def test_what_a_page_does_not_send_is_refused(clinic: Clinic, world: World, page: Page, body: object) -> None:
    run = clinic.begin(world.a.doctor)
    page.send(f"/case-runs/{run}/acts", world.a.doctor, body, expect=422)


def test_the_report_shows_both_ways_and_what_was_earned(clinic: Clinic, world: World, page: Page) -> None:
    finish = clinic.play(world.a.doctor, acts=["ask-periods", "test-pregnancy", "decide-renew", "examine-pelvis"])
    soup = page.get(f"/case-runs/{finish.run_id}/report", world.a.doctor)
    verdicts = {
        str(line.select_one("b").get_text()): line.select_one(".status").get_text(strip=True)
        for line in soup.select(".case-line")
    }
    assert verdicts["尿妊娠试验"].startswith("做对了")
    assert verdicts["照原样续开依那普利一个月"] == "危险"
    assert verdicts["当场做阴道双合诊"] == "不必要"
    assert verdicts["停用依那普利，不再续开，写进病历"] == "漏做 · 关键"
    assert "普利类妊娠禁用，可致胎儿畸形" in soup.get_text()
    assert len(soup.select(".case-way > li")) == len(clinic.way())
    names = [text.get_text() for text in soup.select(".case-bar-name")]
    assert names == ["问诊", "查体", "辅助检查", "处置", "转诊"], (
        "in the order of a consultation, whatever the database does"
    )
    bars = [text.get_text() for text in soup.select(".case-bar-figure")]
    titles = [title.get_text(" ", strip=True).split(" ", 1)[1] for title in soup.select(".case-section-title")]
    assert bars == titles == ["25%", "0%", "50%", "0%", "0%"]
    assert percent(finish.percent) in soup.select_one(".case-percent").get_text()
    assert "1 分钟" in soup.select_one(".notice-done").get_text()
    again = clinic.play(world.a.doctor)
    soup = page.get(f"/case-runs/{again.run_id}/report", world.a.doctor)
    assert "30 天" in soup.select_one(".notice-info").get_text()


def test_who_may_see_a_report(clinic: Clinic, world: World, page: Page) -> None:
    run = clinic.begin(world.a.doctor)
    clinic.act(world.a.doctor, run, "ask-periods")
    address = f"/case-runs/{run}/report"
    clinic.pair(world.a.examiner, world.a.doctor)
    page.get(address, world.a.doctor, expect=303)
    page.get(address, world.a.examiner, expect=403)
    clinic.end(world.a.doctor, run)
    page.get(address, world.a.doctor)
    soup = page.get(address, world.a.examiner)
    assert "王小明" in soup.get_text()
    for who in (world.a.manager, world.a.exam_officer):
        page.get(address, who, expect=403)
    for who in (
        world.b.doctor,
        world.b.examiner,
        world.b.manager,
        world.b.exam_officer,
        world.a.second_doctor,
        world.a.second_examiner,
        world.a.editor,
    ):
        for one in (address, f"/case-runs/{run}", f"/case-runs/{run}/stand"):
            page.get(one, who, expect=404)
        page.post(f"/case-runs/{run}/acts", who, expect=404, done="ask-neck")
        page.post(f"/case-runs/{run}/end", who, expect=404)
    for one in (f"/case-runs/{run}", f"/case-runs/{run}/stand"):
        page.get(one, world.a.examiner, expect=403)
    page.get(f"/case-runs/{2**63}", world.a.doctor, expect=404)


def test_who_was_the_mentor_sees_no_more(clinic: Clinic, world: World, page: Page) -> None:
    clinic.pair(world.a.examiner, world.a.doctor, ended=True)
    finish = clinic.play(world.a.doctor)
    page.get(f"/case-runs/{finish.run_id}/report", world.a.examiner, expect=404)
    assert not page.get("/apprentices/cases", world.a.examiner).select(".row-link")


def test_keys_are_for_editors_and_exam_officers(clinic: Clinic, world: World, page: Page) -> None:
    number = clinic.session.scalars(sa.select(CaseVersion.id)).first()
    for address in ("/case-bank", f"/case-bank/{number}"):
        for who in (world.a.editor, world.b.exam_officer):
            page.get(address, who)
        for who in (world.a.doctor, world.a.examiner, world.a.manager):
            page.get(address, who, expect=403)
    page.get("/case-bank/999999", world.a.editor, expect=404)
    page.get("/cases", world.a.editor, expect=403)


def test_the_list_is_narrowed_and_says_how_far_i_am(clinic: Clinic, world: World, page: Page) -> None:
    def shown(question: str = "", who: int = world.a.doctor) -> list[str]:
        links = page.get(f"/cases{question}", who).select(".case-link")
        return [str(link["href"]).rsplit("/", 1)[1] for link in links]

    assert set(shown()) == {RENEWAL, GRANDFATHER}
    assert shown(who=world.a.village_doctor)[0] == GRANDFATHER, "for one's own work first"
    assert shown("?category=village_doctor") == [GRANDFATHER]
    assert shown("?technique=hypertension-management") == [RENEWAL]
    assert set(shown("?technique=referral-handover")) == {RENEWAL, GRANDFATHER}
    clinic.play(world.a.doctor, RENEWAL, ["ask-periods"])
    clinic.begin(world.a.doctor, GRANDFATHER)
    assert shown("?state=done") == [RENEWAL]
    assert shown("?state=open") == [GRANDFATHER]
    assert shown("?state=new") == []
    assert set(shown("?state=new", world.b.doctor)) == {RENEWAL, GRANDFATHER}
    assert shown()[0] == GRANDFATHER, "what waits comes first"
    assert shown("?state=nonsense&category=x") == []


def test_the_home_page_offers_what_is_open_then_what_fits(clinic: Clinic, world: World, page: Page) -> None:
    def offered(who: int) -> list[str]:
        links = [str(link["href"]) for link in page.get("/", who).select("main a")]
        return [link for link in links if link.startswith(("/cases/", "/case-runs/"))]

    assert offered(world.a.village_doctor) == [f"/cases/{GRANDFATHER}"]
    run = clinic.begin(world.a.village_doctor, GRANDFATHER)
    assert offered(world.a.village_doctor) == [f"/case-runs/{run}"]
    clinic.act(world.a.village_doctor, run, "ask-eating")
    clinic.end(world.a.village_doctor, run)
    assert offered(world.a.village_doctor) == []
    assert offered(world.a.manager) == []


def test_a_technique_names_its_cases_and_search_finds_the_opening_not_the_key(
    clinic: Clinic, as_: As, world: World, page: Page
) -> None:
    soup = page.get("/techniques/stroke-recognition", world.a.doctor)
    assert soup.select(f'a[href="/cases/{GRANDFATHER}"]')
    with as_(Actor.job("test", Search.INDEX)) as actor:
        reindex(actor, "case")
    assert "/cases/" in str(page.get("/search?q=依那普利", world.a.doctor))
    assert "/cases/" not in str(page.get("/search?q=消渴丸", world.a.doctor))


def more_cases(session: orm.Session, world: World, many: int) -> None:
    """As many cases as this, each gone through once by the doctor of county A."""
    known = session.scalar(sa.select(sa.func.count()).select_from(SimulatedCase)) or 0
    technique = session.scalars(sa.select(Technique.id)).first()
    scene = session.scalars(sa.select(CaseVersion.scene)).first()
    for number in range(known, many):
        row = SimulatedCase(
            code=f"x-{number}", title="病例", title_en="Case", technique_id=technique, also=[], categories=["nurse"]
        )
        session.add(row)
        session.flush()
        version = CaseVersion(case_id=row.id, version=1, scene=scene, key={}, sources=[], content_hash=b"x" * 32)
        session.add(version)
        session.flush()
        gone_through(session, world, row.id, version.id)
    session.commit()


def gone_through(session: orm.Session, world: World, case: int, version: int) -> None:
    """A consultation of the doctor of county A that has ended."""
    mine = {"person_id": world.a.doctor, "institution_id": world.a.township}
    run = CaseRun(**mine, case_id=case, version_id=version, handed_in_at=sa.func.clock_timestamp())
    session.add(run)
    session.flush()
    scored = {"percent": 50, "critical": False, "scores": {}, "rules": 1, "minutes": 3, "credited": 3}
    session.add(CaseFinish(**mine, run_id=run.id, input_hash=b"x" * 32, **scored))


def test_lists_ask_the_same_number_of_questions(
    clinic: Clinic, session: orm.Session, world: World, page: Page, queries: list[str]
) -> None:
    clinic.pair(world.a.examiner, world.a.doctor)

    def cost() -> dict[str, int]:
        counts = {}
        for address, who in (
            ("/cases", world.a.doctor),
            ("/my/cases", world.a.doctor),
            ("/apprentices/cases", world.a.examiner),
            ("/case-bank", world.a.editor),
        ):
            page.get(address, who)
            queries.clear()
            page.get(address, who)
            counts[address] = len(queries)
        return counts

    more_cases(session, world, 10)
    few = cost()
    more_cases(session, world, 200)
    assert cost() == few
