"""Pages of measured skills: the doctor's own, the mentor's, the officer's list, and the report."""

import zlib
from datetime import timedelta
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.traces import charts, documents, formats, forms, queries, services
from assessments.traces.models import SkillTrace, TraceTargetVersion
from assessments.traces.policy import Traces
from assessments.traces.rules.synthetic import Person as Rescuer
from assessments.traces.rules.synthetic import csv_of, trace_of
from courses.mentoring.models import Pairing
from lms import clock
from lms.db import db
from lms.db.paging import cut
from lms.errors import Refused
from lms.i18n import _, pick
from lms.people.models import Person
from lms.web import exports, limits
from lms.web.charts import drawing
from lms.web.pages import Pages, actor, one

pages = Pages("traces", __name__)
_PER_HOUR = 60
#: What the example shows: two minutes at a good rate with breaths between, a little too shallow at the end.
EXAMPLE = Rescuer(
    rate=112, depth=55, compressions=180, fade=9, left=2, shake=0.3, hertz=50,
    pauses={30: 5, 60: 5, 90: 12, 120: 5, 150: 5},
)  # fmt: skip


@pages.page("/traces/mine", needs=Traces.OWN)
def mine() -> ResponseReturnValue:
    """My traces, and how they change."""
    shown = cut(queries.of_doctor(actor().person_id or 0), request.args.get("page", 1, int))
    return render_template("traces/mine.html", shown=shown, targets=queries.newest_targets())


@pages.page("/traces/mine/new", needs=Traces.PRACTISE, methods=("GET", "POST"))
def practise() -> ResponseReturnValue:
    """Send a trace of one's own practice."""
    form = forms.SendForm(done_on=clock.today(), target=request.args.get("target"))
    return _send(form, lambda run: services.practise(actor(), None, run=run), url_for("traces.practise"), None)


@pages.page("/traces/pairs/<int:id>/new", needs=Traces.MEASURE, on=one(Pairing), methods=("GET", "POST"))
def measure_apprentice(pair: Pairing) -> ResponseReturnValue:
    """As the mentor, send the trace of an apprentice one watched."""
    form = forms.MeasureForm(done_on=clock.today(), target=request.args.get("target"))
    here = url_for("traces.measure_apprentice", id=pair.id)
    return _send(form, lambda run: services.measure(actor(), pair, run=run), here, pair.apprentice_name)


@pages.page("/traces/people/<int:id>/new", needs=Traces.MEASURE, on=one(Person), methods=("GET", "POST"))
def measure_person(person: Person) -> ResponseReturnValue:
    """As an exam officer, send the trace of a doctor one watched."""
    form = forms.MeasureForm(done_on=clock.today(), target=request.args.get("target"))
    here = url_for("traces.measure_person", id=person.id)
    return _send(form, lambda run: services.measure(actor(), person, run=run), here, person.name)


def _send(form: forms.SendForm, keep: Any, here: str, whose: str | None) -> ResponseReturnValue:
    versions = {version.target.code: version for version in queries.newest_targets()}
    form.target.choices = [(code, pick(v.target.title, v.target.title_en)) for code, v in versions.items()]
    if form.validate_on_submit():
        limits.count("trace", str(actor().person_id), most=_PER_HOUR, per=timedelta(hours=1))
        try:
            made = keep(_run(form, versions))
        except Refused as refused:
            _mend(form, refused)
        else:
            flash(_("Measured."), "done")
            return redirect(url_for("traces.report", id=made.id), 303)
    page = render_template("traces/send.html", form=form, here=here, whose=whose, most=formats.MOST_ROWS)
    return page, 422 if request.method == "POST" else 200


def _run(form: forms.SendForm, versions: dict[str, TraceTargetVersion]) -> services.Run:
    sent = form.file.data
    taken = formats.let_in(sent.stream, sent.filename or "")
    return services.Run(taken, versions[form.target.data], form.done_on.data or clock.today())


def _mend(form: forms.SendForm, refused: Refused) -> None:
    """Put a refusal beside the field it is about; every refusal of a file is about the file."""
    field = getattr(form, str(refused.where.get("field", "file")), form.file)
    field.errors = [*field.errors, str(refused)]


@pages.page("/traces/<int:id>", needs=Traces.READ, on=one(SkillTrace))
def report(shown: SkillTrace) -> ResponseReturnValue:
    """The skill-improvement report of one trace."""
    told = documents.report(shown)
    drawn = charts.of_report(shown.drawn, told)
    return drawing(render_template("traces/report.html", **told, charts=drawn, reason=forms.WithdrawForm()))


@pages.page("/traces/<int:id>/file", needs=Traces.READ, on=one(SkillTrace))
def file(shown: SkillTrace) -> ResponseReturnValue:
    """The file as it was sent."""
    answer = Response(zlib.decompress(queries.content_of(shown)), content_type="text/csv")
    return exports.attached(answer, shown.file_name)


@pages.page("/traces/<int:id>/withdraw", needs=Traces.WITHDRAW, on=one(SkillTrace), methods=("POST",))
def withdraw(shown: SkillTrace) -> ResponseReturnValue:
    """Take a trace back."""
    services.withdraw(actor(), shown, reason=request.form.get("reason", ""))
    flash(_("Taken back. It counts no longer."), "done")
    return redirect(url_for("traces.report", id=shown.id) if _reads(shown) else url_for("shell.home"), 303)


def _reads(shown: SkillTrace) -> bool:
    return actor().may(Traces.READ, shown)


@pages.page("/traces", needs=Traces.BROWSE)
def desk() -> ResponseReturnValue:
    """The supervised traces of one's area; or the same as a file."""
    asked = request.args
    sought = queries.Sought(asked.get("q", "").strip()[:60], asked.get("target", ""), asked.get("sort", "-day"))
    query = queries.listing(sought)
    if kind := exports.wanted():
        return exports.answer(kind, _("Measured skills"), *documents.table(db.session.execute(query)))
    shown = cut(query, asked.get("page", 1, int))
    targets = [(v.target.code, pick(v.target.title, v.target.title_en)) for v in queries.newest_targets()]
    return render_template("traces/desk.html", shown=shown, targets=targets)


@pages.page("/traces/choose", needs=Traces.CHOOSE)
def choose() -> ResponseReturnValue:
    """Find the doctor whose trace an officer sends."""
    words = request.args.get("q", "").strip()[:40]
    return render_template("traces/choose.html", words=words, found=queries.doctors(words))


@pages.page("/traces/example.csv", needs=Traces.EXAMPLE)
def example() -> ResponseReturnValue:
    """A file as it should be: time in seconds, depth in millimetres."""
    return exports.attached(Response(csv_of(trace_of(EXAMPLE)), content_type="text/csv"), "cpr-example.csv")
