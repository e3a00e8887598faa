"""How far long work is, as `job.js` on the page asks it."""

from typing import Any

from flask import Response, jsonify

from lms.db import Model, db
from lms.jobs import Job


def as_left_by(job: Job | None, thing: Model) -> Job | None:
    """The job, and what it works on as it left it.

    A page reads a thing, then the job at work on it. Work that ends between the two would be shown as done
    beside what was before it: an import with no rows, a count nobody has made. So what has ended is read after it.
    """
    if job is not None and job.state in ("done", "failed"):
        db.session.refresh(thing)
    return job


def stand(job: Job | None, then: str, *, without: str = "failed") -> Response:
    """How work stands and, once it has ended, where to go on; `without` is how it stands where there is none."""
    said: dict[str, Any] = {"state": job.state if job else without, "done": 0, "total": 0}
    if job is not None:
        said |= {"done": job.done, "total": job.total}
    if said["state"] == "done" or (job is not None and job.state == "failed"):
        said["next"] = then
    return jsonify(said)
