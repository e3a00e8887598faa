"""Which packs were loaded, and when."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms.db import Model, utc


class ContentLoad(Model):
    """One loading of a pack that changed something; shared by all institutions."""

    __tablename__ = "content_load"
    __append_only__ = True
    __database_fills__ = ("loaded_at",)
    __table_args__ = (sa.CheckConstraint("octet_length(digest) = 32", name="digest_is_sha256"),)

    pack: orm.Mapped[str] = orm.mapped_column(sa.String(80), index=True)
    version: orm.Mapped[str] = orm.mapped_column(sa.String(40))
    digest: orm.Mapped[bytes]
    changes: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    loaded_at: orm.Mapped[utc]
