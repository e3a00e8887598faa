"""What a version says, whole, so that it can be compared or written again; only for who may see keys."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from assessments.bank.models import QuestionVersion, SharedStemVersion
from assessments.bank.rules.content import Content
from lms.db import db


@dataclass(frozen=True)
class Place:
    """Where a question stands in a series: under which version of its case, and as which of its questions."""

    case: SharedStemVersion
    number: int


@dataclass(frozen=True)
class Text:
    """What a version is to say: its content, the source in full, and its place in a series, if it has one."""

    content: Content
    source: Mapping[str, str]
    place: Place | None = None

    @property
    def whole(self) -> Content:
        """The content with the case that it stands under."""
        return replace(self.content, shared_stem=self.place.case.content_hash.hex() if self.place else "")


def text_of(version: QuestionVersion) -> Text:
    """What a version says, key and all, as it could be written again."""
    hidden = sa.select(QuestionVersion.key, QuestionVersion.explanation).where(QuestionVersion.id == version.id)
    key, explanation = db.session.execute(hidden).one()
    content = Content(
        kind=version.kind,
        level=version.level,
        topic=version.topic,
        technique=version.technique.code,
        stem=version.stem,
        options=tuple((option["key"], option["text"]) for option in version.options),
        key=key,
        explanation=explanation,
        source=version.source["code"],
        passage=version.passage,
        body=version.body,
    )
    place = Place(version.shared_stem, version.series_place or 1) if version.shared_stem else None
    return Text(content, version.source, place)
