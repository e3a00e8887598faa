"""The catalogue as people see it."""

from datetime import date

import pytest

from lms.techniques.models import Standing, Technique
from tests.factories import packs


@pytest.fixture(autouse=True)
def catalogue(app, tmp_path):
    """The two techniques of the small pack."""
    packs.bring(app, packs.write(tmp_path))


def titles(soup):
    return [link.text for link in soup.select("main .row-link")]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ["血压测量", "心肺复苏"]),
        ("?q=心肺", ["心肺复苏"]),
        ("?q=blood", ["血压测量"]),
        ("?kind=emergency", ["心肺复苏"]),
        ("?core=yes", ["血压测量"]),
        ("?core=no", ["心肺复苏"]),
        ("?category=nurse", []),
        ("?category=general_practitioner&sort=-title", ["血压测量", "心肺复苏"]),
        ("?sort=title", ["心肺复苏", "血压测量"]),
        ("?q=%25", []),
        ("?sort=nonsense", ["血压测量", "心肺复苏"]),
    ],
)
def test_the_catalogue_is_narrowed_and_sorted(page, world, asked, expected):
    assert titles(page.get(f"/techniques{asked}", world.a.doctor)) == expected


def test_a_technique_shows_its_standard_and_sources(page, world):
    soup = page.get("/techniques/bp", world.a.doctor)
    assert soup.h1.text == "血压测量"
    assert [item.text for item in soup.select(".prose ol li")] == ["安静休息至少 5 分钟。", "袖带与心脏同高。"]
    assert "一份指南（2025）" in soup.text
    assert page.get("/techniques/bp", world.a.doctor, language="en").h1.text == "Blood pressure"


def test_only_my_own_standing_is_shown(page, world, session):
    technique = session.query(Technique).filter_by(code="bp").one()
    session.add(
        Standing(
            person_id=world.a.doctor,
            institution_id=world.a.township,
            technique_id=technique.id,
            level=4,
            since=date(2026, 1, 1),
            valid_until=None,
        )
    )
    session.commit()
    mine = page.get("/techniques/bp", world.a.doctor)
    assert "可独立操作，事后复核" in mine.text
    for other in (world.a.second_doctor, world.b.doctor, world.a.manager):
        assert "尚未评估" in page.get("/techniques/bp", other).text
    assert "可独立操作" in page.get("/techniques", world.a.doctor).text


def test_an_unknown_technique_is_not_there_and_strangers_sign_in(page, world):
    page.get("/techniques/nothing", world.a.doctor, expect=404)
    page.get("/techniques", None, expect=302)
    page.get("/techniques/bp", None, expect=302)


def test_the_list_needs_as_many_statements_for_a_thousand_as_for_ten(page, world, session, queries):
    page.get("/techniques", world.a.doctor)
    few = len(queries)
    queries.clear()
    session.add_all(
        Technique(
            code=f"t{n}",
            title=f"操作{n}",
            title_en=f"Technique {n}",
            kind="procedure",
            core=False,
            categories=["nurse"],
            summary="。",
            standard="。",
            sources=[],
        )
        for n in range(1000)
    )
    session.commit()
    queries.clear()
    page.get("/techniques", world.a.doctor)
    assert len(queries) == few
