"""Training a model on the marks of this installation."""

from dataclasses import asdict

import numpy as np
import sqlalchemy as sa

from assessments.stall.models import StallModel
from assessments.stall.policy import Stall
from assessments.stall.queries.scores import signing_key
from assessments.stall.rules import History, Parameters, design
from assessments.stall.rules.history import day_of
from assessments.stall.rules.periods import TRIED, TooShort, teaching
from lms.authz import Actor
from lms.db import db
from lms.errors import Invalid
from lms.service import service, tell


@service(needs=Stall.TRAIN)
def train(actor: Actor, _on: None, *, history: History) -> StallModel:
    """Learn from everybody's marks and keep the model with what is known of it; the same marks give the same model.

    Raises Invalid where there is too little to learn from.
    """
    from assessments.stall import model  # noqa: PLC0415 - scikit-learn is loaded by those who need it, not by the web

    parameters = Parameters()
    try:
        taught = design(history, teaching(history, parameters), parameters)
        fitted = model.fit(taught, history.learner[taught.pair], parameters)
    except (TooShort, model.NotEnough) as short:
        raise Invalid(str(short)) from None
    content, digest, signature = model.pack(fitted, signing_key())
    made = db.session.scalar(sa.select(StallModel).where(StallModel.content_hash == digest))
    if made is None:
        recent = taught.label[taught.cutoff >= sorted(set(taught.cutoff))[-TRIED:][0]]
        first, last = history.span
        made = StallModel(
            content=content,
            content_hash=digest,
            signature=signature,
            data_from=day_of(first),
            data_until=day_of(last),
            card={
                "parameters": asdict(parameters),
                "learners": len(history.learners),
                "cases": int(np.isfinite(taught.label).sum()),
                "base_rate": round(float(np.nanmean(recent)), 4),
                "coefficients": fitted.coefficients(),
                "trial": _trial(history, parameters),
            },
        )
        db.session.add(made)
        db.session.flush()
    tell(model=digest.hex(), cases=made.card["cases"])
    return made


def _trial(history: History, parameters: Parameters) -> dict[str, object]:
    """How a model trained like this one does on learners and times it has not seen; or why that cannot be said."""
    from assessments.stall import model  # noqa: PLC0415 - as above

    try:
        return model.try_out(history, parameters).as_json()
    except (TooShort, model.NotEnough) as short:
        return {"not_tried": str(short)}
