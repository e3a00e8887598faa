"""A course in use, and two editors."""

import io

import pytest

from courses.authoring.models import CourseDraft
from courses.authoring.services import drafting, reviewing
from tests.factories import packs

BODY = "## 一、先看\n\n伤口有多深，流多少血。\n\n- 按压止血\n- 不要先冲洗"
CHECK = [{"stem": "先做什么？", "options": ["按压", "冲洗"], "right": [0], "explanation": "先止血。"}]
WORK = {"code": "work-1", "title": "创面处理指南", "year": "2023", "where": "第二章"}
ABOUT = {
    "title": {"zh": "伤口处理", "en": "Wound care"},
    "summary": "两节小课。",
    "categories": ["nurse"],
    "hours_kind": "theory",
    "techniques": ["bp"],
    "prerequisites": [],
}


@pytest.fixture(autouse=True)
def pack(app, tmp_path):
    """The small pack, with a course in use."""
    packs.bring(app, packs.write(tmp_path / "pack"))


@pytest.fixture
def second(world):
    """Another editor: the one of the neighbour county."""
    return world.b.editor


def written(actor, code="wound-care"):
    """A draft without flaws, of one lesson."""
    draft = drafting.begin(actor, None, code=code, zh="伤口处理", en="Wound care")
    drafting.save_about(actor, draft, base=draft.revision, about=ABOUT, works=[WORK])
    lesson = draft.lessons[0]
    drafting.save_lesson(
        actor,
        lesson,
        base=lesson.revision,
        changes={
            "title": {"zh": "止血", "en": "Bleeding"},
            "minutes": 8,
            "body": BODY,
            "self_check": CHECK,
            "sources": ["work-1"],
        },
    )
    return draft


def published(as_, writer, reviewer, draft_id=None):
    """A draft gone all the way; the version's id."""
    with as_(writer) as actor:
        draft = written(actor) if draft_id is None else reviewing.db.session.get(CourseDraft, draft_id)
        reviewing.send(actor, draft)
        id, digest = draft.id, draft.digest.hex()
    with as_(reviewer) as actor:
        reviewing.approve(actor, reviewing.db.session.get(CourseDraft, id), digest=digest)
    with as_(writer) as actor:
        return reviewing.publish(actor, reviewing.db.session.get(CourseDraft, id)).id


def taken(data):
    """A package as it comes: bytes, or as it is given out."""
    return io.BytesIO(data if isinstance(data, bytes) else data.content)
