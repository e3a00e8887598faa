"""Shapes of what editors type; what is right and wrong is said of the draft, not of a form."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import fields, validators

from courses.authoring import queries
from courses.authoring.rules.words import FIELDS
from lms.i18n import _l, pick
from lms.people.formats.words import CATEGORIES
from lms.web.forms import ChoicesField, Form, LongTextField, TextField, options

HOURS = {"theory": _l("theory"), "simulation": _l("simulation"), "practice": _l("practice")}
_CODE = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_needed = validators.InputRequired


class NewForm(Form):
    """A course that begins."""

    zh = TextField(_l("Title in Chinese"), [_needed(), validators.Length(max=120)])
    en = TextField(_l("Title in English"), [_needed(), validators.Length(max=160)])
    code = TextField(_l("Code"), [_needed(), validators.Length(max=60), validators.Regexp(_CODE)])


class AboutForm(Form):
    """What describes a course."""

    zh = TextField(_l("Title in Chinese"), [validators.Length(max=120)])
    en = TextField(_l("Title in English"), [validators.Length(max=160)])
    summary = LongTextField(FIELDS["summary"])
    categories = ChoicesField(FIELDS["categories"], choices=options(CATEGORIES.items()))
    hours_kind = fields.SelectField(FIELDS["hours_kind"], choices=options(HOURS.items()))
    techniques = ChoicesField(FIELDS["techniques"])
    prerequisites = ChoicesField(FIELDS["prerequisites"])

    def offering(self, about: dict[str, Any]) -> "AboutForm":
        """With what may be chosen here; what the draft names and nobody knows here stays visible."""
        for field, known in ((self.techniques, queries.techniques()), (self.prerequisites, queries.courses())):
            there = {code: pick(zh, en) for code, zh, en in known if code != about.get("code")}
            strange = {code: code for code in about.get(field.short_name, ()) if code not in there}
            field.choices = options({**strange, **there}.items())
        return self

    def entry(self) -> dict[str, Any]:
        """As the draft keeps it."""
        return {
            "title": {"zh": self.zh.data or "", "en": self.en.data or ""},
            "summary": self.summary.data or "",
            **{name: self[name].data for name in ("categories", "hours_kind", "techniques", "prerequisites")},
        }


class LessonForm(Form):
    """A lesson but for its questions, which are as many as there are."""

    zh = TextField(_l("Title in Chinese"), [validators.Length(max=120)])
    en = TextField(_l("Title in English"), [validators.Length(max=160)])
    minutes = fields.SelectField(FIELDS["minutes"], coerce=int, choices=options((n, str(n)) for n in range(1, 16)))
    body = LongTextField(FIELDS["body"])
    sources = ChoicesField(FIELDS["sources"])
    attachments = ChoicesField(FIELDS["attachments"])
    asks = ChoicesField(
        _l("What must be done before it counts"),
        choices=options(
            [
                ("read", _l("read to the end")),
                ("watched", _l("film or sound played")),
                ("check", _l("self-check passed")),
            ]
        ),
    )


class FileForm(Form):
    """A file for a lesson, or a package."""

    file = FileField(_l("File"))


class ReasonForm(Form):
    """Why."""

    note = LongTextField(_l("Reason"), [_needed(), validators.Length(max=2000)])


class NoteForm(Form):
    """Something to say, or nothing."""

    note = LongTextField(_l("Remark"), [validators.Length(max=2000)])
