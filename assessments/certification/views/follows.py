"""What follows from stars: the subsidy of a month, titles, honours, the institutions' summary, and one's own page."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.certification.documents import follows as documents
from assessments.certification.models import FollowsPolicy
from assessments.certification.policy import Following, Stars
from assessments.certification.queries import certificates
from assessments.certification.queries import follows as queries
from assessments.certification.queries.follows import Known
from assessments.certification.rules import words
from assessments.certification.rules.follows import Claim, Follows, Row, after_months, claim_of, subsidy_of
from assessments.certification.services import follows as services
from assessments.certification.views import pages
from lms import clock
from lms.db import db
from lms.errors import Conflict
from lms.i18n import _, _l, pick
from lms.institutions.models import AUTHORITIES, Institution
from lms.institutions.queries import tree
from lms.people.models import Person
from lms.web import exports
from lms.web.pages import actor, one

PER_PAGE = 50
SHOWN = {"met": _l("may have it"), "missing": _l("not yet met"), "all": _l("everybody of the policy")}


def _within_reach(id: int) -> Institution | None:
    return tree.institution(actor(), id)


@pages.page("/follows", needs=Following.BROWSE)
def follows() -> ResponseReturnValue:
    """The reader's own institutions; the only one at once."""
    tops = queries.tops(db.session, actor(), Following.READ)
    if len(tops) == 1:
        return redirect(url_for("certification.subsidy", id=tops[0].id))
    return render_template("certification/follows.html", tops=tops)


def _around(place: Institution) -> dict[str, Any]:
    return {
        "place": place,
        "because": documents.because,
        "money": documents.money,
        "categories": words.CATEGORIES,
        "trail": [(pick(one.name, one.name_en), _way(one)) for one in tree.way_up(place) if _reads(one)],
        "below": tree.children(place),
        "way": _way,
    }


def _reads(place: Institution) -> bool:
    return actor().may(Following.READ, place)


def _way(place: Institution) -> str:
    """The page that is open now, of another institution."""
    return url_for(request.endpoint or "certification.subsidy", id=place.id)


# ---- the subsidy of a month ---------------------------------------------------------------------


@pages.page("/follows/<int:id>/subsidy", needs=Following.READ, on=_within_reach)
def subsidy(place: Institution) -> ResponseReturnValue:
    """Who gets what for a month, and who gets nothing although starred."""
    month = _month(request.args.get("month", ""))
    made = queries.month_of(db.session, place, month)
    settled = queries.settled(db.session, place, month)
    if made is not None and exports.wanted() == "xlsx":
        with documents.subsidy_book(place, made, settled is not None) as file:
            answer = Response(file.read(), content_type=exports.KINDS["xlsx"])
        return exports.attached(answer, f"{_('Subsidy')}-{place.name}-{month:%Y%m}.xlsx")
    shown = _searched(made.refused if request.args.get("show") == "refused" else made.paid) if made else []
    return render_template(
        "certification/follows_subsidy.html",
        **_around(place),
        **_cut(shown),
        made=made,
        month=month,
        months=_months(),
        settled=settled,
        changed=settled is not None and made is not None and settled.content_hash != made.hash,
        **_two_officers(place, month, made),
        may_settle=_may_settle(place, made, settled),
    )


def _two_officers(place: Institution, month: date, made: queries.Month | None) -> dict[str, Any]:
    """Who has prepared or settled what is shown: a preparation of another list is none."""
    prepared, settled = queries.prepared(db.session, place, month), queries.settled(db.session, place, month)
    if settled is None and (prepared is None or made is None or prepared.content_hash != made.hash):
        prepared = None
    officers = {prepared.prepared_by_id} if prepared else set()
    officers |= {settled.prepared_by_id or 0, settled.settled_by_id} if settled else set()
    return {"prepared": prepared, "officers": certificates.names(db.session, officers)}


def _may_settle(place: Institution, made: queries.Month | None, settled: object) -> bool:
    ready = made is not None and clock.today() > made.on and settled is None and place.kind in AUTHORITIES
    return ready and actor().may(Following.SETTLE, place)


@pages.page("/follows/<int:id>/subsidy/prepare", needs=Following.SETTLE, on=_within_reach, methods=("POST",))
def prepare(place: Institution) -> ResponseReturnValue:
    """Say that the list that was looked at is right."""
    month = _month(request.form.get("month", ""))
    services.prepare(actor(), place, month=month, seen=_seen())
    flash(_("Prepared. Another officer now looks at it and settles it."), "done")
    return redirect(url_for("certification.subsidy", id=place.id, month=f"{month:%Y-%m}"), 303)


@pages.page("/follows/<int:id>/subsidy/settle", needs=Following.SETTLE, on=_within_reach, methods=("POST",))
def settle(place: Institution) -> ResponseReturnValue:
    """Settle the month that another officer prepared."""
    month = _month(request.form.get("month", ""))
    services.settle(actor(), place, month=month, seen=_seen())
    flash(_("Settled. The list of this month stays what it is."), "done")
    return redirect(url_for("certification.subsidy", id=place.id, month=f"{month:%Y-%m}"), 303)


def _seen() -> bytes:
    """The hash of the list that was on the page."""
    try:
        return bytes.fromhex(request.form.get("hash", ""))
    except ValueError:
        raise Conflict(_("The list changed since you opened the page. Look at it again.")) from None


def _month(text: str) -> date:
    """The month asked for, else the one before this."""
    this = clock.today().replace(day=1)
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        return after_months(this, -1)
    return min(asked, this) if asked.year >= 2000 else this


def _months() -> list[tuple[str, str]]:
    this = clock.today().replace(day=1)
    return [(f"{one:%Y-%m}", f"{one:%Y-%m}") for one in (after_months(this, -back) for back in range(24))]


def _searched(rows: Iterable[tuple[Known, Row]]) -> list[tuple[Known, Row]]:
    asked = request.args.get("q", "").strip().casefold()[:80]
    return [(one, row) for one, row in rows if not asked or asked in _said(one)]


def _said(one: Known) -> str:
    number = one.facts.held.number if one.facts.held else ""
    return f"{one.name}\n{one.place.name}\n{one.place.name_en or ''}\n{number}".casefold()


def _cut(rows: Sequence[Any]) -> dict[str, Any]:
    count = max(1, -(-len(rows) // PER_PAGE))
    number = min(max(1, request.args.get("page", 1, type=int)), count)
    return {"rows": rows[(number - 1) * PER_PAGE :][:PER_PAGE], "number": number, "count": count, "total": len(rows)}


# ---- titles and honours -------------------------------------------------------------------------


def _applies() -> tuple[FollowsPolicy, Follows] | None:
    version = queries.policy_on(db.session, clock.today())
    return (version, queries.rules_of(version)) if version else None


@pages.page("/follows/<int:id>/titles", needs=Following.READ, on=_within_reach)
def titles(place: Institution) -> ResponseReturnValue:
    """Who may be promoted to which title, who not yet, and what is missing."""
    found = _applies()
    return _claims(place, found, found[1].promotions if found else [], _("Titles"), "titles")


@pages.page("/follows/<int:id>/honours", needs=Following.READ, on=_within_reach)
def honours(place: Institution) -> ResponseReturnValue:
    """Who has earned which honour."""
    found = _applies()
    return _claims(place, found, found[1].honours if found else [], _("Honours"), "honours")


def _claims(
    place: Institution, found: tuple[FollowsPolicy, Follows] | None, claims: Sequence[Claim], title: str, side: str
) -> ResponseReturnValue:
    chosen = next((one for one in claims if one.code == request.args.get("claim")), claims[0] if claims else None)
    rows = _claimed(place, found[1], chosen) if found and chosen else []
    if chosen and (kind := exports.wanted()):
        name = f"{pick(chosen.title.zh, chosen.title.en)}-{place.name}"
        return exports.answer(kind, name, documents.claim_columns(), documents.claim_rows(rows))
    return render_template(
        "certification/follows_claims.html",
        **_around(place),
        **_cut(rows),
        version=found[0] if found else None,
        claims=claims,
        chosen=chosen,
        heading=title,
        side=side,
        ways=SHOWN,
    )


def _claimed(place: Institution, policy: Follows, claim: Claim) -> list[tuple[Known, Row]]:
    """The rows that are asked for: whoever may first, then those who lack least."""
    show = request.args.get("show", "met")
    rows = [(one, claim_of(claim, one.facts)) for one in queries.known(db.session, place, policy, clock.today())]
    wanted = [pair for pair in rows if show == "all" or pair[1].met == (show != "missing")]
    return sorted(_searched(wanted), key=lambda pair: (not pair[1].met, len(pair[1].missing), _still(pair[1])))


def _still(row: Row) -> date:
    """By when the last of what is missing comes by itself; what does not comes last."""
    return max((one.day or date.max for one in row.missing), default=date.min)


# ---- institutions -------------------------------------------------------------------------------


@pages.page("/follows/<int:id>/summary", needs=Following.READ, on=_within_reach)
def summary(place: Institution) -> ResponseReturnValue:
    """What follows from stars, institution by institution."""
    found = _applies()
    claims = [*found[1].promotions, *found[1].honours] if found else []
    groups = _groups(place, found[1], claims) if found else []
    if kind := exports.wanted():
        columns = documents.summary_columns(claims)
        return exports.answer(kind, f"{_('Stars')}-{place.name}", columns, documents.summary_rows(groups, claims))
    heads, lines = documents.summary_columns(claims), list(documents.summary_rows(groups, claims))
    around = _around(place)
    return render_template(
        "certification/follows_summary.html", **around, groups=groups, heads=heads, lines=lines, claims=claims
    )


def _groups(place: Institution, policy: Follows, claims: Sequence[Claim]) -> list[documents.Group]:
    """The institution itself and each directly below it, the whole at the end."""
    people = queries.known(db.session, place, policy, clock.today())
    parts = [(child, [one for one in people if _at(one, child)]) for child in tree.children(place)]
    own = [one for one in people if one.place.id == place.id]
    here = [(place, own)] if own and parts else []
    return [_group(at, some, policy, claims) for at, some in [*here, *parts, (place, people)]]


def _at(one: Known, child: Institution) -> bool:
    return one.place.path == child.path or one.place.path.startswith(f"{child.path}.")


def _group(place: Institution, people: Sequence[Known], policy: Follows, claims: Sequence[Claim]) -> documents.Group:
    paid = [row for row in (subsidy_of(policy, one.facts) for one in people) if row.met]
    return documents.Group(
        place,
        len(people),
        tuple(sum(one.facts.star == star for one in people) for star in range(6)),
        len(paid),
        sum((row.yuan for row in paid), start=documents.NOTHING),
        {claim.code: sum(claim_of(claim, one.facts).met for one in people) for claim in claims},
    )


# ---- one person ---------------------------------------------------------------------------------


def _me() -> Person | None:
    return db.session.get(Person, actor().person_id) if actor().person_id else None


@pages.page("/stars/follows", needs=Stars.READ, on=_me, relation="oneself")
def follows_mine(person: Person) -> ResponseReturnValue:
    """What follows from my stars, and what is missing."""
    return _of_person(person)


@pages.page("/stars/<int:id>/follows", needs=Stars.READ, on=one(Person))
def follows_of(person: Person) -> ResponseReturnValue:
    """The same of somebody within reach."""
    return _of_person(person)


def _of_person(person: Person) -> str:
    found = _applies()
    known = queries.known_person(db.session, person, found[1], clock.today()) if found else None
    facts = known.facts if known else None
    return render_template(
        "certification/follows_person.html",
        person=person,
        own=person.id == actor().person_id,
        version=found[0] if found else None,
        known=known,
        subsidy=subsidy_of(found[1], facts) if found and facts else None,
        promotions=[(one, claim_of(one, facts)) for one in found[1].promotions] if found and facts else [],
        honours=[(one, claim_of(one, facts)) for one in found[1].honours] if found and facts else [],
        given=queries.lines_of(db.session, person.id),
        because=documents.because,
        money=documents.money,
    )
