"""Bringing a file of questions into the bank: sent, checked, and then applied as a whole or not at all."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from assessments.bank.formats import known as formats
from assessments.bank.formats.document import Done, Entry, Item, Read, Report, Series, Written
from assessments.bank.formats.plans import Defaults, Outcome, Plan, fill, make, pack
from assessments.bank.models import Question, QuestionImport, QuestionVersion, SharedStem, SharedStemVersion
from assessments.bank.policy import Bank
from assessments.bank.queries import exchange as queries
from assessments.bank.queries.finding import Sought
from assessments.bank.queries.texts import Place, Text
from assessments.bank.rules.content import case_digest
from assessments.bank.rules.standing import Origin
from assessments.bank.services import writing
from lms import clock, jobs, vault
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict, Invalid, Refused
from lms.i18n import _
from lms.service import service, tell
from lms.techniques.models import Technique
from lms.web.intake import Kind, Taken
from lms.web.pictures import Drawn, draw

#: How long a file waits for its import.
KEPT = timedelta(days=1)
#: How many questions are written in every format to say what others will not see of them.
LOOKED_AT = 200
_CONTEXT = b"question import content"
Progress = Callable[[int, int], None]


@service(needs=Bank.EDIT)
def send(actor: Actor, on: None, *, taken: Taken, name: str, defaults: Defaults) -> QuestionImport:
    """Take a file in, and have it checked; raises Invalid at once when it cannot be read at all."""
    read = formats.read(taken, name)
    if not read.items:
        raise Invalid(_("There is no question in this file."), field="file")
    sent = QuestionImport(
        institution_id=_home(actor),
        sent_by_id=actor.person_id,
        file_name=taken.name,
        kind=taken.kind.value,
        format=name or formats.guess(taken).name,
        defaults=asdict(defaults),
        sha256=taken.sha256,
        content=vault.current().seal(taken.data, _CONTEXT),
        expires_at=clock.now() + KEPT,
    )
    db.session.add(sent)
    db.session.flush()
    tell(sha256=taken.sha256, items=len(read.items))
    sent.check_job = _ask("bank.check_import", sent, actor)
    return sent


@service(needs=Bank.EDIT)
def recheck(actor: Actor, sent: QuestionImport) -> None:
    """Check again, because the bank has changed or the last check did not end."""
    _must_wait(sent)
    sent.check_job = _ask("bank.check_import", sent, actor)
    sent.state, sent.apply_job = "sent", None


@service(needs=Bank.EDIT)
def check(actor: Actor, sent: QuestionImport) -> Plan:
    """Say what this file would do; changes nothing in the bank."""
    _must_wait(sent)
    plan, _pictures = _plan(sent)
    sent.plan, sent.counts, sent.plan_hash = pack(plan.lines, plan.reports), plan.counts, plan.digest
    sent.state = "checked"
    tell(**plan.counts)
    return plan


@service(needs=Bank.EDIT, tells=("sha256", "partly"))
def request_import(actor: Actor, sent: QuestionImport, *, sha256: str, plan_hash: str, partly: bool = False) -> None:
    """Have a checked file imported: this file, and to the effect that was shown.

    Items that were refused stop it, unless whoever asks says that the others are to be imported without them.
    """
    _must_wait(sent)
    if sent.state != "checked" or (sent.sha256, sent.plan_hash) != (sha256, plan_hash):
        raise Conflict(_("This is not what was checked. Check again."))
    if (sent.counts or {}).get(Outcome.REFUSED) and not partly:
        raise Conflict(_("Questions are refused; nothing was imported."))
    key = f"bank import {sent.id} {plan_hash} {partly}"
    sent.apply_job = _ask("bank.apply_import", sent, actor, key=key, plan_hash=plan_hash, partly=partly)


@service(needs=Bank.EDIT)
def apply(
    actor: Actor, sent: QuestionImport, *, plan_hash: str, partly: bool = False, progress: Progress | None = None
) -> dict[str, int]:
    """Import a file, all or nothing, if it still does what the check said; counts by outcome."""
    locked = sa.select(QuestionImport.state).where(QuestionImport.id == sent.id).with_for_update()
    if db.session.scalar(locked) == "applied":
        return sent.counts or {}
    db.session.refresh(sent)
    _must_wait(sent)
    plan, drawn = _plan(sent)
    if plan.digest != plan_hash or sent.plan_hash != plan_hash:
        raise Conflict(_("The bank has changed since the check. Check again."))
    if plan.counts[Outcome.REFUSED] and not partly:
        raise Conflict(_("Questions are refused; nothing was imported."))
    _write(actor, plan, drawn, progress)
    sent.state, sent.applied_at, sent.content, sent.counts = "applied", clock.now(), None, plan.counts
    tell(sha256=sent.sha256, **plan.counts)
    return plan.counts


@service(needs=Bank.EDIT)
def expire(actor: Actor, on: None) -> int:
    """Throw away what was kept of files longer than a day; how many."""
    row = QuestionImport
    held = row.plan.is_not(None) | row.content.is_not(None)
    state = sa.case((row.state == "applied", "applied"), else_="expired")
    old = sa.update(row).where(row.expires_at < clock.now(), held).values(content=None, plan=None, state=state)
    old = old.execution_options(synchronize_session=False)
    return db.session.execute(old, execution_options=Everything).rowcount  # type: ignore[attr-defined,no-any-return]


@service(needs=Bank.READ_KEY, tells=("name",))
def export(actor: Actor, on: None, *, sought: Sought, name: str) -> Written:
    """The questions that are looked for as a file, keys and all."""
    entries = _whole(sought)
    tell(questions=len(entries))
    return formats.FORMATS[name].write(entries)


@service(needs=Bank.READ_KEY)
def unseen(actor: Actor, on: None, *, sought: Sought) -> dict[str, list[tuple[str, str, str, int]]]:
    """Format by format, what others will not see of the first questions: element, what is done, why, how often."""
    entries = _whole(sought, LOOKED_AT)
    found = {}
    for name, one in formats.FORMATS.items():
        counted = Counter((said.element, said.done.value, said.why) for said in one.write(entries).reports)
        found[name] = [(*said, times) for said, times in counted.most_common()]
    return found


def _whole(sought: Sought, most: int | None = None) -> list[Entry]:
    found = queries.whole(sought, most)
    names = {one.body["picture"] for one in found if one.body.get("picture")}
    pictures = queries.pictures(names)
    return [_entry(one, pictures) for one in found]


def _entry(version: QuestionVersion, pictures: Mapping[str, bytes]) -> Entry:
    case = version.shared_stem
    series = Series(case.shared_stem.code, case.text, version.series_place or 1) if case else None
    name = version.body.get("picture", "")
    question = version.question
    shown = {name: pictures[name]} if name in pictures else {}
    return Entry(question.code, queries.content_of(version), question.bank, question.use, series, shown)


def _ask(name: str, sent: QuestionImport, actor: Actor, *, key: str | None = None, **more: object) -> UUID:
    told = {"import_id": sent.id, "person_id": actor.person_id, **more}
    return jobs.request(name, by=actor.person_id, key=key, **told)


def _home(actor: Actor) -> int:
    """The institution under which the file is kept for who sent it."""
    roots = sorted({grant.root for grant in actor.grants}, key=lambda root: (root.count("."), root))
    return int(roots[0].rpartition(".")[2])


def _must_wait(sent: QuestionImport) -> None:
    if sent.state == "applied":
        raise Conflict(_("This file has been imported."))
    if sent.content is None or sent.state == "expired":
        raise Conflict(_("This file was kept for a day and is gone. Send it again."))


def _plan(sent: QuestionImport) -> tuple[Plan, dict[str, Drawn]]:
    data = vault.current().open(sent.content or b"", _CONTEXT)
    read = formats.read(Taken(sent.file_name, data, Kind(sent.kind), sent.sha256), sent.format)
    return _plan_of(read, Defaults(**sent.defaults))


def _plan_of(read: Read, defaults: Defaults) -> tuple[Plan, dict[str, Drawn]]:
    """What a file would do to the bank as it stands, and the pictures it would bring."""
    there = queries.known((), {one.content.body.get("picture", "") for one in read.entries}).pictures
    drawn: dict[str, Drawn] = {}
    items = [fill(_drawn(item, there, drawn), defaults) for item in read.items]
    named = {one.entry.content.body.get("picture", "") for one in items if one.entry}
    series = {one.entry.series.code for one in items if one.entry and one.entry.series}
    known = queries.known([one.entry.code for one in items if one.entry], named, series)
    return make(Read(tuple(items), read.reports), known), drawn


def _drawn(item: Item, there: Collection[str], drawn: dict[str, Drawn]) -> Item:
    """The item with its picture drawn anew, where the bank has not got it as it is."""
    entry = item.entry
    name = entry.content.body.get("picture", "") if entry else ""
    if entry is None or name not in entry.pictures or name in there:
        return item
    try:
        made = draw(entry.pictures[name])
    except Refused:
        said = Report(item.place, item.name, "picture", Done.REFUSED, "not_a_picture")
        return replace(item, entry=None, reports=(*item.reports, said))
    drawn[made.digest] = made
    if made.digest == name:
        return item
    said = Report(item.place, item.name, "picture", Done.CHANGED, "picture_redrawn")
    content = replace(entry.content, body={**entry.content.body, "picture": made.digest})
    entry = replace(entry, content=content, pictures={made.digest: made.data})
    return replace(item, entry=entry, reports=(*item.reports, said))


def _write(actor: Actor, plan: Plan, drawn: Mapping[str, Drawn], progress: Progress | None) -> None:
    """Write down what is new and what is different; inside the transaction of the verb."""
    todo = [one for one in plan.items if one.entry and one.outcome in (Outcome.CREATED, Outcome.CHANGED)]
    entries = [one.entry for one in todo if one.entry]
    for name in sorted({entry.content.body.get("picture", "") for entry in entries} & set(drawn)):
        writing.keep_picture(actor, drawn[name])
    techniques = {one.code: one for one in db.session.scalars(sa.select(Technique))}
    rows = sa.select(Question).where(Question.code.in_([entry.code for entry in entries]))
    questions = {one.code: one for one in db.session.scalars(rows)}
    sources, places = queries.sources(), _places(entries)
    for at, entry in enumerate(entries, 1):
        text = Text(entry.content, sources[entry.content.source], places.get(entry.code))
        technique, question = techniques[entry.content.technique], questions.get(entry.code)
        if question is None:
            new = {"code": entry.code, "bank": entry.bank, "use": entry.use}
            writing.write(actor, technique, **new, text=text, origin=Origin.IMPORTED)
        else:
            base = _newest(question)
            writing.revise(actor, question, base=base, technique=technique, text=text, origin=Origin.IMPORTED)
        if progress:
            progress(at, len(entries))


def _newest(question: Question) -> int:
    query = sa.select(sa.func.max(QuestionVersion.version)).where(QuestionVersion.question_id == question.id)
    return int(db.session.scalar(query) or 0)


def _places(entries: Sequence[Entry]) -> dict[str, Place]:
    """Where each question of a series stands; a case that says something new gets a version."""
    texts = {entry.series.code: entry.series.text for entry in entries if entry.series}
    found = queries.cases(texts)
    for code, text in texts.items():
        before = found.get(code)
        if before is None or before.text != text:
            found[code] = _case(code, text, before)
    return {entry.code: Place(found[entry.series.code], entry.series.place) for entry in entries if entry.series}


def _case(code: str, text: str, before: SharedStemVersion | None) -> SharedStemVersion:
    stem = before.shared_stem if before else SharedStem(code=code)
    db.session.add(stem)
    db.session.flush()
    number = before.version + 1 if before else 1
    made = SharedStemVersion(shared_stem=stem, version=number, text=text, content_hash=case_digest(text))
    db.session.add(made)
    db.session.flush()
    return made
