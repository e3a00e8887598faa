"""What is done by itself: candidates' pictures go in time."""

from collections.abc import Callable
from typing import Any

from assessments.osce.policy import Osce
from assessments.osce.services import photos
from lms.authz import Actor
from lms.db import act_as, db

SWEEP_PHOTOS = "osce.sweep_photos"


def sweep_photos(_progress: Callable[[int, int], object]) -> dict[str, Any]:
    """Take away the pictures of released circuits and those that are a week old."""
    actor = Actor.job(SWEEP_PHOTOS, Osce.PLAN)
    act_as(db.session, actor)
    return {"removed": photos.sweep_photos(actor, None)}
