"""Tables: the base class, column types, and the fence around institutions and persons."""

from lms.db.fence import Everything, NoActor, act_as, unfenced
from lms.db.models import InScope, Model, Personal
from lms.db.sessions import db
from lms.db.types import Ltree, Sealed, day, one_of, text_key, utc
from lms.db.unit import after_commit, before_commit, transaction

__all__ = [
    "Everything",
    "InScope",
    "Ltree",
    "Model",
    "NoActor",
    "Personal",
    "Sealed",
    "act_as",
    "after_commit",
    "before_commit",
    "day",
    "db",
    "one_of",
    "text_key",
    "transaction",
    "unfenced",
    "utc",
]
