"""Figures are made every night, and when somebody asks."""

from typing import Any

from assessments.insight import services
from assessments.insight.policy import Insight
from assessments.insight.queries.reading import REFRESH
from lms import jobs
from lms.authz import Actor
from lms.db import act_as, db


def register() -> None:
    """Say how and when (called in wiring): at 03:30 in China, after stars are decided and flags are raised."""
    jobs.register(REFRESH, refresh, every=jobs.daily(19, 30))


def refresh(progress: services.Progress) -> dict[str, Any]:
    """Make all figures anew."""
    actor = Actor.job("make figures", Insight.REFRESH)
    act_as(db.session, actor)
    return {"run": services.refresh(actor, None, progress=progress).id}
