"""Questions out of a content pack: questions/<bank>.yaml, its cases, and its pictures beside it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from PIL import Image
from pydantic import Field, model_validator
from sqlalchemy.dialects import postgresql as pg

from assessments.bank.models import Picture, Question, QuestionVersion, SharedStem, SharedStemVersion
from assessments.bank.rules.content import Content, case_digest
from assessments.bank.rules.content import Fault as Wrong
from assessments.bank.rules.kinds import CHOICES, Level
from assessments.bank.rules.kinds import Kind as Asked
from assessments.bank.rules.standing import Origin
from lms.content.formats import CODE, Fault, File, Kind, Pack, SourceRef, Strict, Tally, names, refers
from lms.db import db
from lms.techniques.content import TechniqueRef
from lms.techniques.models import Technique

WORDS = {
    Wrong.NO_KEY: "no option is right",
    Wrong.NOT_AN_OPTION: "a right key is not among the options",
    Wrong.NOT_ONE: "a single choice has exactly one right option",
    Wrong.EVERYTHING_RIGHT: "every option is right",
    Wrong.OPTIONS_REPEAT: "two options are the same",
    Wrong.PROMPT_OPEN: "a prompt has no right option, or two prompts have one key",
    Wrong.NOT_AN_ORDER: "the right order does not name every option once",
    Wrong.NOTHING_ACCEPTED: "no wording earns everything, or wordings repeat, or a share is not from 0 to 1",
    Wrong.NOT_A_NUMBER: "value or tolerance is no number",
    Wrong.UNIT_NOT_OFFERED: "none of the right units is offered",
    Wrong.NO_AREA: "there is no picture, or no right area in it",
}
#: How many options a kind has at least.
_LEAST = {Asked.SINGLE: 4, Asked.MULTIPLE: 4, Asked.TRUE_FALSE: 2, Asked.MATCHING: 3, Asked.ORDERING: 3}
_PER_MILLE = Annotated[int, Field(ge=0, le=1000)]


class OptionEntry(Strict):
    """One answer to choose, to match or to put in its place."""

    key: str = Field(pattern="^[A-Z]$")
    text: str = Field(min_length=1, max_length=400)
    right: bool = False


class PromptEntry(Strict):
    """One prompt of a matching question and its right option."""

    key: str = Field(pattern="^[1-9][0-9]?$")
    text: str = Field(min_length=1, max_length=800)
    right: str = Field(pattern="^[A-Z]$")


class NumberEntry(Strict):
    """The right number, how far off it may be, its units, and those to choose from."""

    value: str
    tolerance: str = "0"
    units: list[str] = Field(default_factory=list)
    offered: list[str] = Field(default_factory=list)


class AreaEntry(Strict):
    """One right area of a picture, per mille of its width and height."""

    circle: tuple[_PER_MILLE, _PER_MILLE, _PER_MILLE] | None = None
    rect: tuple[_PER_MILLE, _PER_MILLE, _PER_MILLE, _PER_MILLE] | None = None

    @property
    def plain(self) -> dict[str, list[int]]:
        """As a key says it."""
        return {name: list(numbers) for name, numbers in (("circle", self.circle), ("rect", self.rect)) if numbers}


class PictureEntry(Strict):
    """A picture beside the file, and what it shows in words."""

    file: str = Field(pattern=r"^[a-z0-9-]+\.png$")
    alt: str = Field(min_length=1, max_length=400)


class SeriesEntry(Strict):
    """The case that a question stands under, and its place there."""

    case: Annotated[str, refers("case of a series")]
    place: int = Field(ge=1, le=20)


class CaseEntry(Strict):
    """The case of a series of questions (A3/A4)."""

    code: Annotated[str, Field(pattern=CODE, max_length=80), names("case of a series")]
    text: str = Field(min_length=1, max_length=4000)


@dataclass(frozen=True)
class Beside:
    """What a question names and does not hold: its picture's digest, the hash of its case."""

    pictures: dict[str, str] = field(default_factory=dict)
    cases: dict[str, bytes] = field(default_factory=dict)


class QuestionEntry(Strict):
    """One question; which of its parts it has depends on its kind."""

    code: Annotated[str, Field(pattern=CODE, max_length=80), names("question")]
    type: Asked
    level: Level
    topic: str = Field(min_length=1, max_length=80)
    technique: TechniqueRef
    stem: str = Field(min_length=1, max_length=2000)
    options: list[OptionEntry] = Field(default_factory=list, max_length=26)
    prompts: list[PromptEntry] = Field(default_factory=list, max_length=12)
    order: list[str] = Field(default_factory=list)
    accepted: dict[str, str] = Field(default_factory=dict)
    number: NumberEntry | None = None
    areas: list[AreaEntry] = Field(default_factory=list)
    picture: PictureEntry | None = None
    series: SeriesEntry | None = None
    explanation: str = Field(min_length=1)
    source: SourceRef
    where: str = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _enough_options(self) -> "QuestionEntry":
        least = _LEAST.get(self.type, 0)
        if len(self.options) < least:
            raise ValueError(f"options: a {self.type} question has at least {least}")
        if not least and self.options:
            raise ValueError(f"options: a {self.type} question has none")
        return self

    def content(self, beside: Beside) -> Content:
        """The question as the bank keeps it."""
        return Content(
            kind=self.type.value,
            level=self.level.value,
            topic=self.topic,
            technique=self.technique,
            stem=self.stem,
            options=tuple((option.key, option.text) for option in self.options),
            key=self._key(),
            explanation=self.explanation,
            source=self.source,
            passage=self.where,
            body=self._body(beside),
            shared_stem=beside.cases[self.series.case].hex() if self.series else "",
        )

    def _key(self) -> Any:
        if self.type in CHOICES:
            return tuple(option.key for option in self.options if option.right)
        number = self.number or NumberEntry(value="")
        made: dict[Asked, dict[str, Any]] = {
            Asked.MATCHING: {"pairs": {prompt.key: prompt.right for prompt in self.prompts}},
            Asked.ORDERING: {"order": self.order},
            Asked.SHORT: {"accepted": self.accepted},
            Asked.NUMERIC: {"value": number.value, "tolerance": number.tolerance, "units": number.units},
            Asked.HOTSPOT: {"areas": [area.plain for area in self.areas]},
        }
        return made[self.type]

    def _body(self, beside: Beside) -> dict[str, Any]:
        body: dict[str, Any] = {}
        if self.prompts:
            body["prompts"] = [{"key": prompt.key, "text": prompt.text} for prompt in self.prompts]
        if self.number and self.number.offered:
            body["units"] = self.number.offered
        if self.picture:
            body |= {"picture": beside.pictures[self.picture.file], "alt": self.picture.alt}
        return body


class BankFile(Strict):
    """One bank, for exams or for practice, never for both."""

    bank: str = Field(pattern=CODE, max_length=80)
    use: Literal["exam", "practice"] = "exam"
    cases: list[CaseEntry] = Field(default_factory=list)
    questions: list[QuestionEntry] = Field(min_length=1)


def check(_pack: Pack, files: list[File[BankFile]]) -> Iterable[Fault]:
    """What the schema cannot say: the key fits the options and the kind, pictures are there, series are whole."""
    for file in files:
        missing = {one for one in _named(file) if not _picture_file(file, one)}
        cases = {case.code: case_digest(case.text) for case in file.value.cases}
        beside = Beside(dict.fromkeys(_named(file), "0" * 64), cases)
        for number, entry in enumerate(file.value.questions):
            if entry.series and entry.series.case not in cases:
                yield file.fault(f"{entry.code}: its case stands in another file", "questions", number, "series")
                continue
            content = entry.content(beside)
            wrong = content.fault() or content.unit_fault()
            if wrong is None and entry.type is Asked.MULTIPLE and len(content.key) < 2:
                yield file.fault(f"{entry.code}: a multiple choice has two or more right options", "questions", number)
            if wrong is not None:
                yield file.fault(f"{entry.code}: {WORDS[wrong]}", "questions", number, "options")
            if entry.picture and entry.picture.file in missing:
                yield file.fault(f"{entry.code}: there is no such picture", "questions", number, "picture")
        yield from _broken_series(file)


def _broken_series(file: File[BankFile]) -> Iterable[Fault]:
    places: dict[str, list[int]] = {case.code: [] for case in file.value.cases}
    for entry in file.value.questions:
        if entry.series and entry.series.case in places:
            places[entry.series.case].append(entry.series.place)
    for number, case in enumerate(file.value.cases):
        if sorted(places[case.code]) != [*range(1, max(2, len(places[case.code])) + 1)]:
            yield file.fault(f"{case.code}: a series has questions 1, 2 … and at least two", "cases", number)


def _named(file: File[BankFile]) -> set[str]:
    return {entry.picture.file for entry in file.value.questions if entry.picture}


def _picture_file(file: File[BankFile], name: str) -> bytes:
    """The bytes of a picture of the pack; nothing where there is none that can be shown."""
    path = file.beside("pictures", name)
    data = path.read_bytes() if path.is_file() else b""
    return data if data.startswith(b"\x89PNG\r\n\x1a\n") else b""


def load(pack: Pack, files: list[File[BankFile]]) -> Tally:
    """Bring the bank to what the pack says: other content is a new version, nothing is changed or removed.

    What editors have written since is left alone: a question is new to the pack only where the pack says something
    else than the last time.
    """
    tally = Tally()
    known = {question.code: question for question in db.session.scalars(sa.select(Question))}
    hashes = dict(db.session.execute(_newest_of_pack()).all())
    techniques = {code: number for number, code in db.session.execute(sa.select(Technique.id, Technique.code))}
    for file in files:
        cases = {case.code: _case(case) for case in file.value.cases}
        beside = Beside(_pictures(file), {code: version.content_hash for code, version in cases.items()})
        for entry in file.value.questions:
            question = known.get(entry.code)
            created = question is None
            if question is None:
                question = Question(code=entry.code, bank=file.value.bank, use=file.value.use)
                db.session.add(question)
                db.session.flush()
            content = entry.content(beside)
            changed = hashes.get(question.id) != content.digest()
            if changed:
                version = _version(pack, content, question.id, techniques[entry.technique])
                if entry.series:
                    version.shared_stem = cases[entry.series.case]
                    version.series_place = entry.series.place
                db.session.add(version)
            tally.note(created=created, changed=changed)
    db.session.flush()
    return tally


def _newest_of_pack() -> sa.Select[int, bytes]:
    row = QuestionVersion
    query = sa.select(row.question_id, row.content_hash).ext(pg.distinct_on(row.question_id))
    return query.where(row.origin == Origin.PACK).order_by(row.question_id, row.version.desc())


def _case(entry: CaseEntry) -> SharedStemVersion:
    """The case's newest version, made when the pack says something else."""
    case = db.session.scalar(sa.select(SharedStem).where(SharedStem.code == entry.code))
    if case is None:
        case = SharedStem(code=entry.code)
        db.session.add(case)
        db.session.flush()
    said = sa.select(SharedStemVersion).where(SharedStemVersion.shared_stem_id == case.id)
    newest = db.session.scalar(said.order_by(SharedStemVersion.version.desc()).limit(1))
    hashed = case_digest(entry.text)
    if newest is not None and newest.content_hash == hashed:
        return newest
    number = newest.version + 1 if newest else 1
    made = SharedStemVersion(shared_stem_id=case.id, version=number, text=entry.text, content_hash=hashed)
    db.session.add(made)
    db.session.flush()
    return made


def _pictures(file: File[BankFile]) -> dict[str, str]:
    """The digests of the pictures this file names; what the bank has not yet is put into it."""
    digests = {}
    for name in _named(file):
        data = _picture_file(file, name)
        digests[name] = hashlib.sha256(data).hexdigest()
        with Image.open(file.beside("pictures", name), formats=("PNG",)) as shown:
            row = {"media_type": "image/png", "width": shown.width, "height": shown.height, "data": data}
        db.session.execute(pg.insert(Picture).values(digest=digests[name], **row).on_conflict_do_nothing())
    return digests


def _version(pack: Pack, content: Content, question_id: int, technique_id: int) -> QuestionVersion:
    last = sa.select(sa.func.max(QuestionVersion.version)).where(QuestionVersion.question_id == question_id)
    return QuestionVersion.saying(
        content,
        question_id=question_id,
        version=(db.session.scalar(last) or 0) + 1,
        technique_id=technique_id,
        source=pack.source(content.source),
        origin=Origin.PACK,
    )


KINDS = (Kind("question", "questions/*.yaml", BankFile, load, check, carries=("questions/pictures/*.png",)),)
