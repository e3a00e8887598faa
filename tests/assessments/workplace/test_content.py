"""What is asked of a year, as a pack says it."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from assessments.workplace.content import KINDS, RequirementFile, check, load
from assessments.workplace.models import WorkplaceRequirement, WorkplaceRequirementVersion
from assessments.workplace.queries import years
from config import CHECKOUT
from lms.authz import Actor
from lms.content.formats import Pack, kinds, open_pack
from lms.db import act_as, db

FEATURES = ("lms.techniques", "assessments.stations", "assessments.workplace")


def default() -> Pack:
    return open_pack(CHECKOUT / "content", kinds(FEATURES))


def test_the_default_pack_asks_every_category_and_loads_twice_without_change(app: Flask) -> None:
    pack = default()
    assert [fault for fault in pack.faults if "workplace" in fault.file] == []
    files = pack.files("workplace_requirement")
    with app.app_context():
        act_as(db.session, Actor.job("test content"))
        assert load(pack, files).created == 3
        assert not load(pack, files)
        found = years.requirements()
        assert set(found) == {"general_practitioner", "village_doctor", "nurse"}
        assert (found["general_practitioner"].total, found["general_practitioner"].assessors) == (12, 3)
        assert all(sum(one.times for one in asked.wanted) <= asked.total for asked in found.values())
        changed = files[0].value.model_copy(update={"total": 60})
        again = type(files[0])(files[0].path, files[0].name, changed, files[0].lines)
        assert load(pack, [again]).changed == 1
        versions = sa.select(sa.func.count()).select_from(WorkplaceRequirementVersion)
        assert db.session.scalar(versions) == 4
        assert db.session.scalar(sa.select(sa.func.count()).select_from(WorkplaceRequirement)) == 3
        db.session.rollback()


def entry(**changed: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "code": "w",
        "category": "nurse",
        "title": {"zh": "要求", "en": "Requirement"},
        "total": 4,
        "assessors": 3,
        "wanted": [{"form": "dops", "technique": "iv-infusion", "times": 2}],
        "sources": ["mini-cex-reliability"],
    }
    return said | changed


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"total": 1}, "more than the total"),
        ({"assessors": 5}, "more assessors"),
        ({"wanted": [{"form": "cbd", "times": 1}] * 2}, "already"),
        ({"category": "village_doctor"}, "has its requirement already"),
    ],
)
def test_what_cannot_be_met_is_named_with_its_line(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    pack = default()
    source = next(file for file in pack.files("workplace_requirement") if file.name.endswith("village-doctor.yaml"))
    value = RequirementFile.model_validate(entry(**changed), context={"seen": Counter()})
    planted = type(source)(source.path, source.name, value, source.lines)
    faults = list(check(pack, [source, planted]))
    assert any(words in fault.message for fault in faults), faults


def test_a_station_of_an_exam_is_no_form_here() -> None:
    with pytest.raises(ValueError, match="form"):
        RequirementFile.model_validate(entry(wanted=[{"form": "station", "times": 1}]))
    assert KINDS[0].pattern == "workplace/*.yaml"
