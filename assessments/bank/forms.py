"""The forms of the bank, and the words in which it speaks of its questions."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import fields
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from assessments.bank.formats.known import FORMATS
from assessments.bank.formats.plans import Defaults
from assessments.bank.queries.texts import Text
from assessments.bank.rules import typed
from assessments.bank.rules.content import Content
from assessments.bank.rules.kinds import CHOICES, WITH_OPTIONS, Kind, Level, Use
from lms.content.formats import CODE
from lms.i18n import _, _l
from lms.web.forms import ChoicesField, Form, LongTextField, PickField, TextField, options

KINDS = {
    Kind.SINGLE: _l("Single choice"),
    Kind.MULTIPLE: _l("Multiple choice"),
    Kind.TRUE_FALSE: _l("True or false"),
    Kind.MATCHING: _l("Extended matching"),
    Kind.SHORT: _l("Short answer"),
    Kind.NUMERIC: _l("Numeric answer"),
    Kind.ORDERING: _l("Ordering"),
    Kind.HOTSPOT: _l("Place in a picture"),
}
HINTS = {
    Kind.SINGLE: _l("Several options, one is right."),
    Kind.MULTIPLE: _l("Several options, two or more are right."),
    Kind.TRUE_FALSE: _l("A statement that is true or false."),
    Kind.MATCHING: _l("One list of options for several prompts (B type)."),
    Kind.SHORT: _l("A few words; accepted wordings earn all or part of the points."),
    Kind.NUMERIC: _l("A number with tolerance and unit."),
    Kind.ORDERING: _l("Steps to put in the right order."),
    Kind.HOTSPOT: _l("A place to tap in a picture."),
}
LEVELS = {Level.RECALL: _l("Remembering"), Level.APPLY: _l("Applying"), Level.ANALYSE: _l("Analysing")}
#: The columns of the list as a file; the key is not among them.
COLUMNS = (
    _l("Code"),
    _l("Topic"),
    _l("Technique"),
    _l("Question type"),
    _l("Cognitive level"),
    _l("Version"),
    _l("Question"),
    _l("Options"),
    _l("Hash of this version"),
)
USES = {Use.EXAM: _l("for exams"), Use.PRACTICE: _l("for practice")}


_SHORT = Length(max=80)


class ImportForm(Form):
    """A file of questions to check, and what holds for questions that do not say it themselves."""

    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])
    format = PickField(_l("Format"), [Optional()], kind=str)
    bank = TextField(
        _l("Bank"), [Optional(), Length(max=80), Regexp(CODE, message=_l("Small letters, figures, hyphens."))]
    )
    use = PickField(_l("What it is for"), [Optional()], kind=str)
    topic = TextField(_l("Topic"), [Optional(), _SHORT])
    level = PickField(_l("Cognitive level"), [Optional()], kind=str)
    technique = PickField(_l("Technique"), [Optional()], kind=str)
    source = PickField(_l("Rests on"), [Optional()], kind=str)
    passage = TextField(_l("Chapter or page of the source"), [Optional(), Length(max=200)])

    def offering(self, techniques: Iterable[tuple[str, str]], sources: Iterable[tuple[str, str]]) -> "ImportForm":
        """With what there is to choose from."""
        self.format.choices = options((name, one.label) for name, one in FORMATS.items())
        self.use.choices, self.level.choices = options(USES.items()), options(LEVELS.items())
        self.technique.choices, self.source.choices = options(techniques), options(sources)
        return self

    @property
    def defaults(self) -> Defaults:
        """What was said for the whole file."""
        names = ("bank", "level", "topic", "technique", "source", "passage")
        told = {name: getattr(self, name).data or "" for name in names}
        return Defaults(use=self.use.data or Use.EXAM.value, **told)


#: How many options and prompts a form has room for.
LETTERS, PROMPTS = tuple("ABCDEFGH"), tuple("12345678")
_CODE = [InputRequired(), Length(max=80), Regexp(CODE, message=_l("Small letters, figures, hyphens."))]


class LinesField(LongTextField):
    """Things typed one a line; what cannot be read is said with its line."""

    def __init__(self, *given: Any, read: Callable[[str], Any], **more: Any) -> None:
        super().__init__(*given, **more)
        self.read = read

    def pre_validate(self, _form: Any) -> None:
        """Read it once, so that a mistake stands at its field."""
        try:
            self.read(self.data or "")
        except ValueError as wrong:
            raise ValidationError(_("This line cannot be read: %(line)s", line=str(wrong))) from None


class QuestionForm(Form):
    """What every question says; `editor` adds what its kind needs."""

    kind: Kind
    #: the keys of the options and prompts there is room for
    keys: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()

    stem = LongTextField(_l("Question"), [InputRequired(), Length(max=4000)])
    picture = FileField(_l("Picture"))
    #: the digest of a picture that was sent before: a mistake elsewhere does not ask for it again
    kept = fields.HiddenField()
    without_picture = fields.BooleanField(_l("Without a picture from now on"))
    alt = TextField(_l("What the picture shows, in words"), [Optional(), Length(max=400)])
    explanation = LongTextField(_l("Explanation"), [InputRequired(), Length(max=4000)])
    topic = TextField(_l("Topic"), [InputRequired(), _SHORT])
    level = PickField(_l("Cognitive level"), [InputRequired()], kind=str)
    technique = PickField(_l("Technique"), [InputRequired()], kind=str)
    source = PickField(_l("Source"), [InputRequired()], kind=str)
    passage = TextField(_l("Chapter or page of the source"), [InputRequired(), Length(max=200)])

    def offering(self, techniques: Iterable[tuple[str, str]], sources: Iterable[tuple[str, str]]) -> "QuestionForm":
        """With what there is to choose from."""
        self.level.choices = options(LEVELS.items())
        self.technique.choices, self.source.choices = options(techniques), options(sources)
        return self

    def content(self, picture: str, more: Mapping[str, Any]) -> Content:
        """What was typed, as the bank keeps it; `picture` is the digest of the picture shown from now on.

        `more` is what the version before has beside it that no form shows.
        """
        return Content(
            kind=self.kind.value,
            level=self.level.data,
            topic=self.topic.data or "",
            technique=self.technique.data,
            stem=self.stem.data or "",
            options=tuple((key, text) for key in self.keys if (text := self[f"option_{key}"].data)),
            key=self._key(),
            explanation=self.explanation.data or "",
            source=self.source.data,
            passage=self.passage.data or "",
            body=dict(more) | self._body(picture),
        )

    def _key(self) -> Any:
        if self.kind in CHOICES:
            chosen = self["key"].data or ()
            return (chosen,) if isinstance(chosen, str) else tuple(chosen)
        if self.kind is Kind.MATCHING:
            return {"pairs": {at: self[f"right_{at}"].data or "" for at in self.prompts if self[f"prompt_{at}"].data}}
        if self.kind is Kind.ORDERING:
            return {"order": [letter for letter in (self["key"].data or "").upper() if letter.isalpha()]}
        if self.kind is Kind.SHORT:
            return {"accepted": typed.accepted(self["accepted"].data)}
        if self.kind is Kind.NUMERIC:
            value, tolerance = self["value"].data or "", self["tolerance"].data or "0"
            return {"value": value, "tolerance": tolerance, "units": typed.listed(self["right_units"].data)}
        return {"areas": typed.areas(self["areas"].data)}

    def _body(self, picture: str) -> dict[str, Any]:
        body: dict[str, Any] = {}
        if self.kind is Kind.MATCHING:
            said = [(at, self[f"prompt_{at}"].data) for at in self.prompts]
            body["prompts"] = [{"key": key, "text": text} for key, text in said if text]
        if self.kind is Kind.NUMERIC and (units := typed.listed(self["units"].data)):
            body["units"] = units
        if picture:
            body |= {"picture": picture, "alt": self.alt.data or ""}
        return body


class _Named:
    """What only a new question is asked for."""

    code = TextField(_l("Code"), _CODE)
    bank = TextField(_l("Bank"), _CODE)
    use = PickField(_l("What it is for"), [InputRequired()], kind=str)


@cache
def editor(
    kind: Kind, new: bool = False, keys: tuple[str, ...] = (), prompts: tuple[str, ...] = ()
) -> type[QuestionForm]:
    """The form for questions of one kind, with room for what the question has already."""
    prompts = _room(prompts, PROMPTS) if kind is Kind.MATCHING else ()
    more: dict[str, Any] = {"kind": kind, "prompts": prompts}
    if kind in WITH_OPTIONS:
        letters = _room(keys, LETTERS[:2] if kind is Kind.TRUE_FALSE else LETTERS)
        more["keys"] = letters
        more |= {f"option_{letter}": TextField(letter, [Optional(), Length(max=400)]) for letter in letters}
        named = options((letter, letter) for letter in letters)
        if kind is Kind.MULTIPLE:
            more["key"] = ChoicesField(_l("Right answer"), choices=named)
        elif kind in CHOICES:
            more["key"] = fields.RadioField(_l("Right answer"), [Optional()], choices=named)
        elif kind is Kind.ORDERING:
            more["key"] = TextField(_l("Right order, letter by letter"), [InputRequired(), Length(max=60)])
        else:
            for at in prompts:
                more[f"prompt_{at}"] = TextField(at, [Optional(), Length(max=800)])
                more[f"right_{at}"] = PickField(_l("Right option"), [Optional()], kind=str, choices=named)
    more |= _TYPED.get(kind, {})
    return type("Editor", (_Named, QuestionForm) if new else (QuestionForm,), more)


def _room(there: tuple[str, ...], usual: tuple[str, ...]) -> tuple[str, ...]:
    return (*there, *(key for key in usual if key not in there))[: max(len(there), len(usual))]


_TYPED: dict[Kind, dict[str, Any]] = {
    Kind.SHORT: {
        "accepted": LinesField(
            _l("Accepted wordings"),
            [InputRequired(), Length(max=4000)],
            read=typed.accepted,
            description=_l("One a line. “= 1/2” behind one says which share of the points it earns."),
        )
    },
    Kind.NUMERIC: {
        "value": TextField(_l("Right number"), [InputRequired(), Length(max=40)]),
        "tolerance": TextField(_l("May be off by"), [Optional(), Length(max=40)]),
        "right_units": TextField(
            _l("Right units"),
            [Optional(), Length(max=200)],
            description=_l("Several are parted by commas; none: the unit is not asked for."),
        ),
        "units": TextField(_l("Units to choose from"), [Optional(), Length(max=200)]),
    },
    Kind.HOTSPOT: {
        "areas": LinesField(
            _l("Right areas"),
            [InputRequired(), Length(max=4000)],
            read=typed.areas,
            description=_l("One a line, per mille of width and height: circle x y r, or rect x0 y0 x1 y1."),
        )
    },
}


def typed_in(content: Content) -> dict[str, Any]:
    """A question as the form shows it."""
    names = ("stem", "explanation", "topic", "level", "technique", "source", "passage")
    shown: dict[str, Any] = {name: getattr(content, name) for name in names}
    shown |= {f"option_{key}": text for key, text in content.options} | {"alt": content.body.get("alt")}
    key: Any = content.key
    if content.kind in CHOICES:
        return shown | {"key": list(key) if content.kind == Kind.MULTIPLE else next(iter(key))}
    if content.kind == Kind.MATCHING:
        shown |= {f"prompt_{prompt['key']}": prompt["text"] for prompt in content.body["prompts"]}
        return shown | {f"right_{prompt}": option for prompt, option in key["pairs"].items()}
    if content.kind == Kind.NUMERIC:
        units = {"right_units": ", ".join(key.get("units", ())), "units": ", ".join(content.body.get("units", ()))}
        return shown | units | {"value": key["value"], "tolerance": key.get("tolerance", "0")}
    told = {
        Kind.ORDERING: lambda: {"key": "".join(key["order"])},
        Kind.SHORT: lambda: {"accepted": typed.accepted_lines(key["accepted"])},
        Kind.HOTSPOT: lambda: {"areas": typed.area_lines(key["areas"])},
    }
    return shown | told[Kind(content.kind)]()


class NoteForm(Form):
    """A word beside a decision."""

    note = LongTextField(_l("Note"), [Optional(), Length(max=400)])


class ReasonForm(Form):
    """Why."""

    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=400)])


class CaseForm(Form):
    """What a case says, and which questions stand under it."""

    text = LongTextField(_l("Case of a series"), [InputRequired(), Length(max=8000)])
    questions = LongTextField(
        _l("Questions in their order"),
        [InputRequired(), Length(max=4000)],
        description=_l("The codes of two or more questions of one bank, one a line."),
    )


class NewCaseForm(CaseForm):
    """A new case."""

    code = TextField(_l("Code"), _CODE)


def side_by_side(old: Text, new: Text) -> list[tuple[str, str, str]]:
    """Part by part what two versions say, with the name of the part."""
    return [(name, was, now) for (name, was), (_same, now) in zip(_parts(old), _parts(new), strict=True)]


def _parts(text: Text) -> list[tuple[str, str]]:
    content, body = text.content, text.content.body
    typed_again = typed_in(content)
    told = ("key", "accepted", "areas", "value", "tolerance", "right_units")
    key = [str(typed_again[name]) for name in told if typed_again.get(name)]
    if content.kind == Kind.MATCHING and isinstance(content.key, Mapping):
        key = [f"{prompt} = {option}" for prompt, option in content.key["pairs"].items()]
    return [
        (_("Case of a series"), text.place.case.text if text.place else ""),
        (_("Question"), content.stem),
        (_("Options"), "\n".join(f"{letter}. {words}" for letter, words in content.options)),
        (_("Prompts"), "\n".join(f"{one['key']}. {one['text']}" for one in body.get("prompts", ()))),
        (_("Units to choose from"), typed_again.get("units", "")),
        (_("Picture"), "\n".join(str(body[name]) for name in ("picture", "alt") if body.get(name))),
        (_("Right answer"), "\n".join(key)),
        (_("Explanation"), content.explanation),
        (_("Topic"), content.topic),
        (_("Cognitive level"), str(LEVELS[Level(content.level)])),
        (_("Rests on"), f"{text.source.get('title', '')}（{text.source.get('year', '')}） {content.passage}"),
    ]
