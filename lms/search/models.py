"""The table of everything that can be searched."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms.db import Model, utc


class SearchDocument(Model):
    """One thing that can be found, made from its source and made anew when that changes; shared by all.

    What lies behind a right to see single rows does not belong here: whoever holds `audience` finds it.
    """

    __tablename__ = "search_document"
    __table_args__ = (
        sa.UniqueConstraint("kind", "key"),
        # read often, written rarely: without the pending list, which every question would have to go through
        sa.Index("ix_search_document_tokens", "tokens", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        sa.CheckConstraint("octet_length(digest) = 32", name="digest_is_sha256"),
    )

    kind: orm.Mapped[str] = orm.mapped_column(sa.String(40))
    key: orm.Mapped[str] = orm.mapped_column(sa.String(160))
    title: orm.Mapped[str]
    title_en: orm.Mapped[str]
    #: what it is a part of, shown beside the title and not searched
    context: orm.Mapped[str]
    heading: orm.Mapped[str]
    body: orm.Mapped[str]
    #: the same three, made comparable (lms.search.rules.fold)
    folded_title: orm.Mapped[str]
    folded_heading: orm.Mapped[str]
    folded_body: orm.Mapped[str]
    tokens: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text))
    endpoint: orm.Mapped[str]
    arguments: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    #: the permission that lets somebody find it
    audience: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    digest: orm.Mapped[bytes]
    indexed_at: orm.Mapped[utc]
