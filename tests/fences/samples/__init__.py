"""One thing of county A for every address that has a thing in it."""

import re
from collections.abc import Callable

from flask import Flask
from sqlalchemy import orm

from tests.conftest import As
from tests.factories import packs
from tests.factories.world import World
from tests.fences.samples import assessing, certifying, examining, learning, people
from tests.fences.samples.addresses import SAMPLES, SHARED, Made

__all__ = ["SHARED", "address", "make", "sample_for"]


def sample_for(rule: str) -> Callable[[Made], Made] | None:
    """The most special sample whose rule this one is or begins with."""
    fitting = [one for one in SAMPLES if rule == one or rule.startswith((f"{one}/", f"{one}."))]
    return SAMPLES[max(fitting, key=len)] if fitting else None


def address(rule: str, made: Made) -> str:
    """The rule with a sample's values in it."""
    sample = sample_for(rule)
    values = sample(made) if sample and "<" in rule else {}
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: str(values[found[1]]), rule)


def make(app: Flask, session: orm.Session, as_: As, world: World) -> Made:
    """Things of county A, by name: an exam with an attempt, a circuit, a certificate, a revocation that waits …"""
    packs.bring_ours(app)
    made: Made = {"one": 1, "person": world.a.doctor, "township": world.a.township}
    made |= learning.lesson(session, as_, world)
    made |= learning.writing(as_, world)
    made |= learning.curriculum(as_, session, world)
    made |= examining.exam(session, as_, world)
    made |= examining.bank(session)
    made |= examining.circuit(session, as_, world)
    made |= assessing.evaluation(as_, world)
    made |= assessing.at_work(session, as_, world)
    made |= examining.cases(as_, world)
    made |= examining.practising(as_, session, world)
    made |= learning.pair(as_, session, world)
    made |= learning.rotation(as_, session, world)
    made |= certifying.certificate(app, session, world)
    made |= certifying.policy(app, as_, session, world)
    made |= people.rows(session, world)
    made |= people.notice(session, world)
    made |= certifying.doubted(session, world, made)
    # Last: while an appeal waits, no certificate is approved.
    made |= assessing.appealed(as_, session, world)
    made |= examining.revised(session, as_, world)
    session.commit()
    return made
