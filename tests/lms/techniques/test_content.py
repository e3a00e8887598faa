"""Techniques out of a pack: whom they are for, and what several categories share."""

import pytest
import sqlalchemy as sa

from lms.techniques.models import Technique
from tests.factories import packs

NURSE = """\
category: nurse
also: [cpr]
techniques:
  - code: dressing
    title: {zh: 换药, en: Dressing}
    kind: procedure
    core: true
    summary: 先净后脏。
    standard: 1. 先看再换。
    sources: [guide]
"""
NAME = "techniques/a-nurse.yaml"


def test_a_shared_technique_is_for_both_and_described_once(app, session, tmp_path):
    packs.bring(app, packs.write(tmp_path, {NAME: NURSE}))
    found = dict(session.execute(sa.select(Technique.code, Technique.categories)).all())
    assert found == {
        "bp": ["general_practitioner"],
        "cpr": ["general_practitioner", "nurse"],
        "dressing": ["nurse"],
    }
    again = packs.bring(app, packs.write(tmp_path, {NAME: NURSE}))
    assert again["technique"] == {"created": 0, "changed": 0, "unchanged": 3}
    apart = packs.bring(app, packs.write(tmp_path, {NAME: NURSE.replace("also: [cpr]\n", "")}))
    assert apart["technique"] == {"created": 0, "changed": 1, "unchanged": 2}


@pytest.mark.parametrize(
    ("also", "expected"),
    [
        ("[dressing]", "also: dressing is given to nurse already"),
        ("[cpr, cpr]", "also: cpr is given to nurse already"),
        ("[ecg]", "also.0: there is no technique ecg"),
    ],
)
def test_what_cannot_be_shared_is_named_with_its_line(tmp_path, also, expected):
    faults = packs.check(packs.write(tmp_path, {NAME: NURSE.replace("[cpr]", also)}))
    assert faults == [f"{NAME}:2: {expected}"]
