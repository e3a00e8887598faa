"""A small content pack for tests, written to a folder: change a file, take one away, check or load it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from flask import Flask

import config
from lms.authz import Actor
from lms.content.formats import Pack, Tally, kinds, open_pack
from lms.content.policy import Content
from lms.content.services import load
from lms.db import act_as, db
from lms.search.policy import Search

PACK = """\
code: small
version: "1"
title: {zh: 小包, en: Small pack}
licence: CC-BY-4.0
sources:
  - {code: guide, title: 一份指南, year: 2025, where: 第一章}
"""
TECHNIQUES = """\
category: general_practitioner
techniques:
  - code: bp
    title: {zh: 血压测量, en: Blood pressure}
    kind: procedure
    core: true
    summary: 把血压量准。
    standard: |
      1. 安静休息至少 5 分钟。
      2. 袖带与心脏同高。
    sources: [guide]
  - code: cpr
    title: {zh: 心肺复苏, en: Resuscitation}
    kind: emergency
    core: false
    summary: 马上按压。
    standard: 按压要快、要深。
    sources: [guide]
"""
COURSE = """\
code: hypertension
title: {zh: 高血压入门, en: Hypertension basics}
summary: 三节小课。
categories: [general_practitioner]
hours_kind: theory
techniques: [bp]
prerequisites: []
sources: [guide]
lessons: [01-measure.md, 02-diagnose.md]
"""
LESSON = """\
---
code: {code}
title: {{zh: {zh}, en: {en}}}
minutes: {minutes}
sources: [guide]
attachments: [{attachments}]
self_check:
  - stem: 先做什么？
    options: [马上量, 坐下休息, 改天来]
    right: [1]
    explanation: 先休息五分钟。
  - stem: 哪些要做？
    options: [露出上臂, 隔着毛衣, 背靠椅背]
    right: [0, 2]
    explanation: 露臂、靠背。
---
## 开始之前

{body}

## 记录

看到多少写多少，不要凑整。
"""
SMALL: dict[str, str] = {
    "pack.yaml": PACK,
    "techniques/gp.yaml": TECHNIQUES,
    "courses/hypertension/course.yaml": COURSE,
    "courses/hypertension/lessons/01-measure.md": LESSON.format(
        code="measure",
        zh="量准血压",
        en="Measure",
        minutes=9,
        attachments="card.svg",
        body="请病人安静坐下，不要聊天。",
    ),
    "courses/hypertension/lessons/02-diagnose.md": LESSON.format(
        code="diagnose", zh="怎样诊断", en="Diagnose", minutes=6, attachments="", body="四周内非同日三次。"
    ),
    "courses/hypertension/attachments/card.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
}
FEATURES = [name for name in config.FEATURES if not name.startswith("assessments.")]


def write(folder: Path, changes: Mapping[str, str | None] | None = None) -> Path:
    """The small pack in a folder, with some files changed (None: left out)."""
    for name, text in (SMALL | dict(changes or {})).items():
        path = folder / name
        path.unlink(missing_ok=True)
        if text is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    return folder


def check(folder: Path, features: Sequence[str] = FEATURES) -> list[str]:
    """The faults of a pack, one line each."""
    return [str(fault) for fault in open_pack(folder, kinds(features)).faults]


def bring_ours(app: Flask) -> None:
    """Load this project's own pack, as a stranger does."""
    bring(app, config.CHECKOUT / "content", config.FEATURES)


def bring(app: Flask, folder: Path, features: Sequence[str] = FEATURES) -> dict[str, dict[str, int]]:
    """Load a pack as the command does, in a session of its own."""
    known = kinds(features)
    pack: Pack = open_pack(folder, known)
    actor = Actor.job("content load", Content.LOAD, Search.INDEX)
    with app.app_context():
        act_as(db.session, actor)
        tallies: dict[str, Tally] = load(actor, pack, kinds=known)
    return {name: asdict(tally) for name, tally in tallies.items()}
