"""A city's institutions from its divisions: complete, stable, and the same when done again."""

import csv
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from config import CHECKOUT
from lms.authz import Actor
from lms.db import db
from lms.errors import Invalid, NotAllowed
from lms.institutions.formats import read_divisions
from lms.institutions.models import Institution, InstitutionChange
from lms.institutions.policy import Institutions
from lms.institutions.rules.divisions import english, plan
from lms.institutions.rules.pinyin import person_key, sort_key
from lms.institutions.services.importing import Imported, import_divisions
from tests.conftest import As
from tests.factories.world import World

FILE = CHECKOUT / "demo" / "data" / "qujing_divisions.csv"
JOB = Actor.job("import", Institutions.IMPORT)
OTHER_CITY = b"""code,name,level,parent_code
999900,\xe7\xa4\xba\xe4\xbe\x8b\xe5\xb8\x82,city,
999901,\xe4\xb8\x9c\xe5\x8c\xba,county,999900
999901001,\xe4\xb8\x80\xe8\xa1\x97\xe9\x81\x93,township,999901
"""


def _import(as_: As, data: bytes, actor: Actor = JOB) -> Imported:
    with as_(actor) as who:
        return import_divisions(who, None, divisions=read_divisions(data))


def test_the_plan_covers_every_division() -> None:
    divisions = read_divisions(FILE.read_bytes())
    planned = plan(divisions)
    kinds = [one.kind for one in planned]
    streets = sum(one.name.endswith("街道") for one in divisions)
    rest = sum(one.level == "township" for one in divisions) - streets
    assert {k: kinds.count(k) for k in set(kinds)} == {
        "city_commission": 1,
        "city_hospital": 1,
        "county_commission": 9,
        "county_hospital": 9,
        "community_centre": streets,
        "township_hospital": rest,
        "village_clinic": 2 * (streets + rest),
    }
    assert len({one.code for one in planned}) == len(planned)
    assert len({one.name for one in planned}) == len(planned)
    assert all(one.name.endswith("（演示）") and one.name_en.endswith(" (demo)") for one in planned)
    seen: set[str | None] = {None}
    for one in planned:
        assert one.parent_code in seen
        seen.add(one.code)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("曲靖市", "Qujing City"),
        ("麒麟区", "Qilin District"),
        ("越州镇", "Yuezhou Town"),
        ("南宁街道", "Nanning Subdistrict"),
        ("高良壮族苗族瑶族乡", "Gaoliang Zhuang, Miao and Yao Township"),
        ("鲁布革布依族苗族乡", "Lubuge Bouyei and Miao Township"),
        ("新街回族乡", "Xinjie Hui Township"),
        ("陆良华侨管理区", "Lulianghuaqiao Administrative Zone"),
        ("长底布依族乡", "Changdi Bouyei Township"),
    ],
)
def test_english_names(name: str, words: str) -> None:
    assert english(name) == words


def test_keys_sort_by_reading_and_hold_the_initials() -> None:
    assert sort_key("越州镇") == "yuezhouzhen yzz"
    assert person_key("曾小明") == "zengxiaoming zxm"
    assert person_key("单于飞") == "shanyufei syf"
    assert person_key("尉迟恭") == "yuchigong ycg"
    assert person_key("乐") == "le l"


def test_imports_once_quickly_and_then_changes_nothing(
    as_: As, session: orm.Session, world: World, queries: list[str]
) -> None:
    # the world of the tests already holds the city and two counties under these codes
    first = _import(as_, FILE.read_bytes())
    assert 0 < len(queries) < 40, "all of them together, not one by one"
    assert first.created + first.kept == 434
    again = _import(as_, FILE.read_bytes())
    assert again.created == 0
    assert again.kept == 434
    assert sorted(again.differing) == sorted(first.differing)
    paths = dict(session.execute(sa.select(Institution.id, Institution.path)).all())
    for one in session.scalars(sa.select(Institution)):
        expected = f"{paths[one.parent_id]}.{one.id}" if one.parent_id else str(one.id)
        assert one.path == expected
    created = session.scalar(sa.select(sa.func.count()).select_from(InstitutionChange))
    assert created == first.created


def test_codes_hang_where_they_belong(as_: As, session: orm.Session) -> None:
    _import(as_, OTHER_CITY)
    rows = {i.code: i for i in session.scalars(sa.select(Institution).where(Institution.code.startswith("9999")))}
    clinic = rows["999901001-V2"]
    codes = {str(i.id): code for code, i in rows.items()}
    assert [codes[step] for step in clinic.path.split(".")] == [
        "999900",
        "999901",
        "999901-H",
        "999901001",
        "999901001-V2",
    ]
    assert rows["999901001"].name == "东区一街道社区卫生服务中心（演示）"
    assert rows["999901001"].sort_key.startswith("dongquyijiedao")


def test_only_a_system_administrator_imports(as_: As, world: World) -> None:
    with pytest.raises(NotAllowed), as_(world.people["manager"]) as actor:
        import_divisions(actor, None, divisions=read_divisions(OTHER_CITY))
    with as_(world.people["administrator"]) as actor:
        assert import_divisions(actor, None, divisions=read_divisions(OTHER_CITY)).created == 7


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"code;name\n", 1),
        (b"code,name,level,parent_code\n12,x,city,\n", 2),
        (b"code,name,level,parent_code\n120000,x,village,\n", 2),
        (b"code,name,level,parent_code\n120000,x,city,\n120000,y,city,\n", 3),
        (b"code,name,level,parent_code\n120001,x,county,120000\n", 2),
        (b"code,name,level,parent_code\n120001,x,city,110000\n", 2),
    ],
)
def test_what_does_not_fit_is_named_by_line(app: Flask, data: bytes, line: int) -> None:
    with app.app_context(), pytest.raises(Invalid) as wrong:
        read_divisions(data)
    assert wrong.value.where["line"] == line


def test_a_file_that_is_no_text_and_an_empty_one(app: Flask) -> None:
    for data in (b"\xff\xfe\x00", b"code,name,level,parent_code\n"):
        with app.app_context(), pytest.raises(Invalid):
            read_divisions(data)


def test_the_command_says_what_it_did(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "city.csv"
    file.write_bytes(OTHER_CITY)
    run = app.test_cli_runner()
    first = run.invoke(args=["institutions", "import-divisions", str(file), "--json"])
    assert (first.exit_code, first.output) == (0, '{"created": 7, "kept": 0, "differing": []}\n')
    again = run.invoke(args=["institutions", "import-divisions", str(file)])
    assert again.stdout == "0 created, 7 already there\n"
    file.write_bytes(b"nonsense")
    assert run.invoke(args=["institutions", "import-divisions", str(file)]).exit_code == 1
    assert run.invoke(args=["institutions", "import-divisions", str(tmp_path / "none")]).exit_code == 2


def test_the_committed_copy_is_whole() -> None:
    with FILE.open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 148


def test_nothing_is_left_in_the_session(as_: As) -> None:
    with as_(JOB):
        assert not db.session.new
