"""Forms about curricula: what a tier asks, and who gets a curriculum."""

from typing import Any

from wtforms import BooleanField, SelectField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from courses.curricula.rules.tiers import Begins
from lms.content.formats import CODE
from lms.i18n import _l
from lms.web.forms import ChoicesField, DateField, Form, LongTextField, PickField, TextField, WholeNumberField, options

KINDS = {
    "course": _l("Course finished"),
    "hours": _l("Hours"),
    "rotation": _l("Rotation (days)"),
    "technique": _l("Technique at a level"),
    "cases": _l("Simulated cases"),
    "exam": _l("Exam"),
}
WHAT = {
    "any": _l("hours of any kind"),
    "theory": _l("theory"),
    "simulation": _l("simulation"),
    "practice": _l("practice"),
    "practical": _l("practical exam"),
}
BEGINS = {Begins.JOINING.value: _l("the day of joining"), Begins.ASSIGNMENT.value: _l("the day it is given")}
_code = Regexp(CODE, message=_l("Small letters, digits and hyphens only."))


class AboutForm(Form):
    """What a curriculum is called and for."""

    title_zh = TextField(_l("Title (Chinese)"), validators=[DataRequired(), Length(max=120)])
    title_en = TextField(_l("Title (English)"), validators=[DataRequired(), Length(max=160)])
    summary = LongTextField(_l("What it is for"), validators=[DataRequired(), Length(max=2000)])


class TierForm(Form):
    """What a tier is called."""

    title_zh = TextField(_l("Title (Chinese)"), validators=[DataRequired(), Length(max=120)])
    title_en = TextField(_l("Title (English)"), validators=[DataRequired(), Length(max=160)])


class SourceForm(Form):
    """One work that a curriculum rests on."""

    title = TextField(_l("Title"), validators=[DataRequired(), Length(max=300)],
                      description=_l("As it was published."))  # fmt: skip
    year = WholeNumberField(_l("Year"), validators=[InputRequired(), NumberRange(1900, 2100)])
    where = TextField(
        _l("Publisher and place"),
        validators=[DataRequired(), Length(max=500)],
        description=_l("Who published it and where it can be found; which part was read."),
    )


class RequirementForm(Form):
    """One thing a tier asks; which fields matter is said by the kind."""

    kind = SelectField(_l("Kind of requirement"), choices=options(KINDS.items()), validators=[InputRequired()])
    code = TextField(
        _l("Code"),
        validators=[DataRequired(), Length(max=80), _code],
        description=_l("Stays the same from version to version, so that people keep what they have done."),
    )
    course = PickField(_l("Which course"), kind=str, validators=[Optional()])
    technique = PickField(_l("Which technique"), kind=str, validators=[Optional()])
    what = PickField(
        _l("Of which kind"),
        kind=str,
        validators=[Optional()],
        choices=options(WHAT.items()),
        description=_l("For hours and exams; of exams, “practice” is the evaluation of practice."),
    )
    amount = WholeNumberField(
        _l("How much"),
        validators=[Optional(), NumberRange(1, 10_000)],
        description=_l("Hours, days, the level from 1 to 5, or how many times."),
    )
    percent = WholeNumberField(_l("At how many percent at least"), validators=[Optional(), NumberRange(1, 100)],
                               description=_l("For cases and exams; 60 where nothing is said."))  # fmt: skip
    yearly = BooleanField(_l("Every calendar year anew (hours only)"))
    months = WholeNumberField(
        _l("Due after how many months"),
        validators=[Optional(), NumberRange(1, 240)],
        description=_l("Counted from the beginning; left out: with the tier."),
    )
    after = ChoicesField(_l("What must come first"), validators=[Optional()])
    title_zh = TextField(_l("Own words (Chinese)"), validators=[Optional(), Length(max=120)],
                         description=_l("Left out: words are made from what is asked."))  # fmt: skip
    title_en = TextField(_l("Own words (English)"), validators=[Optional(), Length(max=160)])

    def said(self) -> dict[str, Any]:
        """The requirement as the document says it."""
        zh, en = self.title_zh.data, self.title_en.data
        return {
            "code": self.code.data,
            "kind": self.kind.data,
            "title": {"zh": zh or en, "en": en or zh} if zh or en else None,
            "course": self.course.data or None,
            "technique": self.technique.data or None,
            "what": self.what.data or "",
            "amount": self.amount.data,
            "percent": self.percent.data,
            "yearly": bool(self.yearly.data),
            "months": self.months.data,
            "after": list(self.after.data or []),
        }


class RuleForm(Form):
    """Whom a rule fits, and how fast it wants them."""

    title = TextField(_l("Title (Chinese)"), validators=[DataRequired(), Length(max=120)])
    title_en = TextField(_l("Title (English)"), validators=[DataRequired(), Length(max=160)])
    place_id = SelectField(_l("Where"), coerce=int, validators=[InputRequired()])
    posts = TextField(_l("Whose post has one of these words"), validators=[Optional(), Length(max=200)],
                      description=_l("Words with blanks between them; left out: any post."))  # fmt: skip
    joined_from = DateField(_l("Joined from"), validators=[Optional()])
    joined_until = DateField(_l("Joined until"), validators=[Optional()])
    begins = SelectField(_l("Months count from"), choices=options(BEGINS.items()), validators=[InputRequired()])
    months = TextField(
        _l("Months until each tier is due"),
        validators=[
            DataRequired(),
            Regexp(r"^\s*\d{1,3}(\s+\d{1,3}){4}\s*$", message=_l("Five numbers with blanks.")),
        ],
        description=_l("Five numbers, such as 12 24 36 48 60."),
    )
    priority = WholeNumberField(_l("Order of precedence"), validators=[InputRequired(), NumberRange(1, 100_000)],
                                description=_l("The smallest number that fits somebody counts."))  # fmt: skip


class NewRuleForm(RuleForm):
    """A new rule, which has no code yet."""

    code = TextField(_l("Code"), validators=[DataRequired(), Length(max=80), _code])
