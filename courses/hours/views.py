"""My hours, somebody's hours, and how many are asked."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.hours import documents, queries, services
from courses.hours.formats import statement as plain_statement
from courses.hours.forms import LINES, CreditsForm, EntryForm, ReverseForm, TargetForm
from courses.hours.models import HoursEntry
from courses.hours.policy import Hours
from courses.hours.rules import (
    CLASSES,
    KINDS,
    OWN_RECORD,
    SOURCES,
    CreditClass,
    Earning,
    HoursKind,
    Line,
    Scheme,
    hours,
)
from lms import clock, ids
from lms.db import db
from lms.errors import Invalid
from lms.i18n import _
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.people.policy import People
from lms.web import exports
from lms.web.forms import attempted
from lms.web.pages import Pages, actor, one

pages = Pages("hours", __name__)
PER_PAGE = 50


def _me() -> Person | None:
    return db.session.get(Person, actor().person_id) if actor().person_id else None


@pages.page("/hours", needs=Hours.READ, on=_me, relation="oneself")
def mine(person: Person) -> ResponseReturnValue:
    """My statement of a year."""
    return _answer(person)


@pages.page("/people/<int:id>/hours", needs=Hours.READ, on=one(Person))
def statement(person: Person) -> ResponseReturnValue:
    """The statement of somebody within reach."""
    return _answer(person)


def _answer(person: Person) -> ResponseReturnValue:
    """The statement as a page, or as a file to hand in."""
    kind, year = request.args.get("export"), _year()
    if kind is None:
        own = person.id == actor().person_id
        return render_template("hours/statement.html", **_statement(person, year), own=own)
    said = plain_statement(person, year)
    name = f"{_('Statement of hours %(year)s', year=year)}-{person.name}"
    if kind == "pdf":
        return exports.attached(Response(documents.pdf(said), content_type="application/pdf"), f"{name}.pdf")
    if kind == "xlsx":
        with documents.xlsx(said) as book:
            return exports.attached(Response(book.read(), content_type=exports.KINDS["xlsx"]), f"{name}.xlsx")
    raise Invalid(_("Statements are made as pdf or xlsx."))


def _year() -> int:
    this = clock.today().year
    year = request.args.get("year", this, type=int)
    return year if 2000 <= year <= this else this


def _statement(person: Person, year: int) -> dict[str, Any]:
    stand, (earned, asked) = queries.statement(person.id, year), queries.credits_of(person.id, year)
    query = queries.entries(person.id, year)
    number = max(1, request.args.get("page", 1, type=int))
    rows = db.session.execute(query.limit(PER_PAGE + 1).offset((min(number, 10**6) - 1) * PER_PAGE)).all()
    return {
        "person": person,
        "year": year,
        "years": sorted({clock.today().year, *queries.years(person.id)}, reverse=True),
        "today": clock.today(),
        "earned": earned,
        "asked": asked,
        "total_credits": sum(one.credits for one in earned),
        "credit_rows": _credit_rows(earned),
        "sources": SOURCES,
        "own_record": OWN_RECORD,
        "stand": stand,
        "rows": rows[:PER_PAGE],
        "number": number,
        "more": len(rows) > PER_PAGE,
        "kinds": KINDS,
        "hours": hours,
        "may_enter": actor().may(Hours.CREDIT, person) and person.id != actor().person_id,
        "may_reverse": actor().may(Hours.REVERSE, person),
        "may_read_person": actor().may(People.READ, person),
    }


def _credit_rows(earned: Sequence[Earning]) -> list[tuple[str, str]]:
    """Each line of the arithmetic with what it made of the year."""
    return [
        (
            str(CLASSES[one.line.credit_class]),
            _("%(credits)s (%(rule)s)", credits=f"{one.credits.normalize():f}", rule=documents.line_words(one.line)),
        )
        for one in earned
    ]


@pages.page("/hours/entries/<int:id>/reverse", needs=Hours.REVERSE, on=one(HoursEntry), methods=("GET", "POST"))
def reverse(entry: HoursEntry) -> ResponseReturnValue:
    """Take an entry back, with a reason."""
    form = ReverseForm()
    if form.validate_on_submit():
        services.reverse(actor(), entry, reason=form.reason.data or "")
        flash(_("The hours have been taken back."), "done")
        return redirect(url_for("hours.statement", id=entry.person_id, year=entry.on_day.year), 303)
    person = db.session.get_one(Person, entry.person_id)
    return render_template(
        "hours/reverse.html", entry=entry, person=person, form=form, kinds=KINDS, hours=hours
    ), 422 if form.errors else 200


@pages.page("/hours/target", needs=Hours.SET_TARGET, on=queries.root, methods=("GET", "POST"))
def target(top: Institution) -> ResponseReturnValue:
    """Say how many hours a year are asked."""
    form = TargetForm()
    if form.validate_on_submit():
        services.set_target(actor(), top, minutes=60 * (form.hours.data or 0), valid_from=form.valid_from.data)
        flash(_("Saved."), "done")
        return redirect(url_for("hours.target"), 303)
    now = queries.target(clock.today())
    return render_template("hours/target.html", form=form, now=hours(now)), 422 if form.errors else 200


@pages.page("/people/<int:id>/hours/new", needs=Hours.CREDIT, on=one(Person), methods=("GET", "POST"))
def enter(person: Person) -> ResponseReturnValue:
    """Enter hours that somebody earned outside the product."""
    form = EntryForm(on_day=clock.today(), source=str(ids.uuid7()))
    if form.validate_on_submit() and attempted(form, lambda: services.enter(actor(), person, given=_given(form))):
        flash(_("The hours have been entered, confirmed by you."), "done")
        return redirect(url_for("hours.statement", id=person.id, year=form.on_day.data.year), 303)
    page = render_template("hours/enter.html", form=form, person=person)
    return page, 422 if request.method == "POST" else 200


def _given(form: EntryForm) -> services.Given:
    return services.Given(
        HoursKind(form.kind.data),
        int((form.hours.data or 0) * 60),
        form.on_day.data,
        form.title.data or "",
        form.proof.data or "",
        (form.source.data or "")[:64] or str(ids.uuid7()),
    )


@pages.page("/hours/credits", needs=Hours.SET_CREDITS, on=queries.root, methods=("GET", "POST"))
def credits(top: Institution) -> ResponseReturnValue:
    """How hours become credits, from a day on."""
    form = CreditsForm(data=_shown(queries.scheme(clock.today())))

    def act() -> None:
        scheme = Scheme(tuple(_lines(form)), form.asked.data or Decimal(0))
        day, reason = form.valid_from.data, form.reason.data or ""
        services.set_credits(actor(), top, scheme=scheme, valid_from=day, reason=reason)

    if form.validate_on_submit() and attempted(form, act):
        flash(_("Saved."), "done")
        return redirect(url_for("hours.credits"), 303)
    page = render_template("hours/credits.html", form=form, lines=LINES, past=queries.schemes())
    return page, 422 if request.method == "POST" else 200


def _shown(scheme: Scheme) -> dict[str, Any]:
    """The present arithmetic as the fields of the form; a line takes one kind, two of them, or all."""
    shown: dict[str, Any] = {"asked": scheme.asked, "valid_from": clock.today()}
    for number, line in zip(LINES, scheme.lines, strict=False):
        shown |= {
            f"class_{number}": line.credit_class.value,
            f"kind_{number}": "+".join(line.kinds),
            f"source_{number}": line.sources[0] if line.sources else "",
            f"hours_{number}": Decimal(line.minutes) / 60,
            f"credits_{number}": line.credits,
            f"most_{number}": line.most,
        }
    return shown


def _lines(form: CreditsForm) -> Iterator[Line]:
    for number in LINES:
        said = {name: form[f"{name}_{number}"].data for name in ("class", "kind", "source", "hours", "credits", "most")}
        if not said["class"]:
            continue
        if said["hours"] is None or said["credits"] is None:
            raise Invalid(_("Line %(number)s needs hours and credits.", number=number))
        kinds = tuple(said["kind"].split("+")) if said["kind"] else ()
        yield Line(
            CreditClass(said["class"]),
            int(said["hours"] * 60),
            said["credits"],
            kinds,
            (said["source"],) if said["source"] else (),
            said["most"],
        )
