"""What makes learning work without network, as the centre gives it: manifest, icons, shell, worker, bundle, cookie."""

import json
import posixpath
import re
from hashlib import sha256
from io import BytesIO

import pytest
import sqlalchemy as sa
from PIL import Image

from courses.curricula.models import CourseVersion
from courses.enrolment.documents import ICONS, icon
from courses.enrolment.queries.offline import bytes_of
from courses.enrolment.views.offline import COOKIE, MODULES
from tests.factories import packs

LANGUAGES = ["zh", "en"]
COURSE = "/courses/hypertension"


@pytest.fixture
def course(app, tmp_path):
    """The small pack, loaded."""
    packs.bring(app, packs.write(tmp_path / "pack"))


# ---- an app that can be installed ----


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_manifest_names_icons_that_are_there(app, page, language):
    page.get("/manifest.webmanifest", None, language=language)
    assert page.answer.mimetype == "application/manifest+json"
    told = page.answer.get_json()
    assert (told["display"], told["scope"], told["start_url"]) == ("standalone", "/", "/")
    assert told["lang"] == {"zh": "zh-CN", "en": "en"}[language]
    assert {(one["sizes"], one["purpose"]) for one in told["icons"]} == {
        (f"{size}x{size}", shape) for size in ICONS for shape in ("any", "maskable")
    }
    for one in told["icons"]:
        drawn = Image.open(BytesIO(app.test_client().get(one["src"]).data))
        assert (drawn.format, f"{drawn.width}x{drawn.height}") == ("PNG", one["sizes"])


def test_a_maskable_icon_fills_its_ground_and_keeps_the_sign_in_the_middle():
    for size in ICONS:
        drawn = Image.open(BytesIO(icon(size, maskable=True))).convert("RGBA")
        ground = drawn.getpixel((0, 0))
        assert ground == (0x0A, 0x55, 0x57, 255)
        # Phones may cut all but a circle of 80 %: what is outside it is ground alone.
        far = [
            (x, y)
            for x in range(size)
            for y in range(size)
            if (x - size / 2) ** 2 + (y - size / 2) ** 2 > (0.4 * size) ** 2
        ]
        assert {drawn.getpixel(at) for at in far} == {ground}
        assert drawn.getpixel((size // 2, round(size * 0.52))) != (0, 0, 0, 0)
        assert Image.open(BytesIO(icon(size, maskable=False))).convert("RGBA").getpixel((0, 0))[3] == 0


@pytest.mark.parametrize("address", ["/app-icon/193/any.png", "/app-icon/192/round.png"])
def test_other_icons_there_are_none(page, address):
    page.get(address, None, expect=404)


# ---- the shell ----


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shell_is_the_same_for_everyone(page, world, language):
    page.get("/learning/kept", None, language=language)
    strangers = page.answer.data
    page.get("/learning/kept", world.a.doctor, language=language)
    assert page.answer.data == strangers
    page.get("/worker.js", world.a.doctor, language=language)
    worker = page.answer.text
    assert (page.answer.mimetype, page.answer.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    assert sha256(strangers).hexdigest() in worker
    named = {"zh": "zh_Hans_CN", "en": "en"}[language]
    page.get(f"/learning/kept?in={named}", None, language={"zh": "en", "en": "zh"}[language])
    assert page.answer.data == strangers
    page.get(f"/worker.js?in={named}", None, language={"zh": "en", "en": "zh"}[language])
    assert page.answer.text == worker
    listed = re.search(r"self\.FILES = (\[.*\]);", worker)
    for address, plain, version in json.loads(listed.group(1)):
        assert address == f"{plain}?v={version}"
        answer = page._app.test_client().get(address)
        assert answer.status_code == 200, address
        assert sha256(answer.data).hexdigest().startswith(version)
        answer.close()
    pages = json.loads(re.search(r"self\.SHELL = (\{.*\});", worker).group(1))["pages"]
    assert {"/", "/courses"} <= set(pages)


def test_the_worker_keeps_every_script_that_the_shell_loads(page):
    soup = page.get("/learning/kept", None)
    named = [str(one["src"]) for one in soup.select("script[src]")]
    named += [address for one in soup.select("[data-module]") for address in str(one["data-module"]).split()]
    found, open_ = set(), {address.partition("?")[0] for address in named}
    while open_:
        address = open_.pop()
        found.add(address)
        answer = page._app.test_client().get(address)
        for one in re.findall(r'^import .* from "(.+)";$', answer.get_data(as_text=True), re.M):
            open_ |= {posixpath.normpath(posixpath.join(posixpath.dirname(address), one))} - found
        answer.close()
    assert found == {f"/static/{'lms' if place == 'static' else 'enrolment'}/{name}" for place, name in MODULES}


def test_the_standing_says_who_and_nothing_else(page, world):
    page.get("/learning/standing", None)
    assert page.answer.get_json()["account"] is None
    page.get("/learning/standing", world.a.doctor)
    told = page.answer.get_json()
    assert (told["account"], set(told)) == (str(world.a.doctor), {"account", "csrf"})


# ---- a course to take along ----


@pytest.mark.usefixtures("course")
def test_a_bundle_holds_the_course_of_whoever_is_in_it(page, world, session, as_):
    page.get(f"{COURSE}/bundle", world.a.doctor, expect=404)
    page.post(f"{COURSE}/join", world.a.doctor, expect=303)
    page.get(f"{COURSE}/bundle", world.a.doctor)
    told = page.answer.get_json()
    assert [(one["code"], one["questions"]) for one in told["lessons"]] == [("measure", 2), ("diagnose", 2)]
    assert "先休息" not in json.dumps(told["files"])
    assert all("csrf" not in one["html"] and 'data-token=""' in one["html"] for one in told["lessons"])
    assert "不要聊天" in told["lessons"][0]["html"]
    for one in told["files"]:
        page.get(one["address"], world.a.doctor)
        assert len(page.answer.data) == one["bytes"]
    whole = len(page.answer.data) + len(json.dumps(told, ensure_ascii=False).encode())
    version = session.scalars(sa.select(CourseVersion.id)).one()
    with as_(world.a.doctor):
        assert 0.5 < bytes_of(version) / whole < 2
    for other in (world.a.second_doctor, world.b.doctor, world.a.editor):
        page.get(f"{COURSE}/bundle", other, expect=404)
    page.get(f"{COURSE}/bundle", None, expect=302)


@pytest.mark.usefixtures("course")
def test_the_course_page_says_the_size_before_it_is_downloaded(page, world):
    assert page.get(COURSE, world.a.doctor).select_one("#download") is None
    page.post(f"{COURSE}/join", world.a.doctor, expect=303)
    assert "kB" in page.get(COURSE, world.a.doctor).select_one("[data-act=download]").get_text()


# ---- whose store is whose ----


def cookies(page):
    return [one for one in page.answer.headers.getlist("Set-Cookie") if one.startswith(f"{COOKIE}=")]


@pytest.mark.usefixtures("course")
def test_a_page_of_learning_names_the_account_for_its_scripts(page, world):
    page.get("/courses", world.a.doctor)
    assert cookies(page)[0].startswith(f"{COOKIE}={world.a.doctor};")
    assert "HttpOnly" not in cookies(page)[0]
    page.get("/courses", None, expect=302)
    assert cookies(page) == []
