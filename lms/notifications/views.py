"""Pages: the inbox, one notice, how one wants to be told, and the post of an installation."""

from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.authz import Actor
from lms.db import db
from lms.db.paging import cut
from lms.i18n import DEFAULT, _, _n
from lms.notifications import forms
from lms.notifications.models import Delivery, Notice
from lms.notifications.policy import Notices
from lms.notifications.queries import inbox, posting, told_of
from lms.notifications.queries import settings as settings_of
from lms.notifications.queries.kinds import KINDS, said
from lms.notifications.rules.kinds import GROUPS, Channel, Group, How, Kind
from lms.notifications.rules.timing import Habits
from lms.notifications.services import reading, sending, telling
from lms.notifications.services import settings as services
from lms.people.models import Person
from lms.web.forms import attempted
from lms.web.pages import Pages, actor, one

pages = Pages("notifications", __name__)


def _me() -> Person | None:
    return db.session.get(Person, actor().person_id or 0)


@pages.page("/notifications", needs=Notices.OWN)
def own() -> ResponseReturnValue:
    """One's own inbox: what is new, or everything; all groups, or one."""
    group = request.args.get("group", "")
    group = group if group in [*Group] else ""
    new = request.args.get("all") is None
    shown = cut(inbox.listing(actor().person_id or 0, new=new, group=group), request.args.get("page", 1, int))
    return render_template(
        "notifications/inbox.html",
        shown=shown,
        lines=[(row.Notice, *said(row.Notice)) for row in shown.rows],
        new=new,
        group=group,
        groups=[(name, GROUPS[name]) for name in told_of(actor())],
        kinds=KINDS,
        read=_moment(request.args.get("read", "")),
    )


def _moment(text: str) -> datetime | None:
    """The moment at which everything was called read, as the address carries it."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.utcoffset() == timedelta() else None


@pages.page("/notifications/<int:id>", needs=Notices.READ, on=inbox.notice)
def notice(shown: Notice) -> ResponseReturnValue:
    """One notice in full: where a letter leads, and by which ways it went out."""
    first, second = said(shown)
    return render_template(
        "notifications/notice.html",
        notice=shown,
        first=first,
        second=second,
        kind=KINDS.get(shown.kind),
        leads=inbox.leads_somewhere(shown),
        channels=forms.CHANNELS,
        states=forms.STATES,
        shapes=forms.SHAPES,
        why_words=forms.why_words,
    )


@pages.page("/notifications/<int:id>/open", needs=Notices.READ, on=one(Notice), methods=("POST",))
def open_notice(shown: Notice) -> ResponseReturnValue:
    """Read it, and go where it leads."""
    reading.open_notice(actor(), shown)
    if not inbox.leads_somewhere(shown):
        return redirect(url_for("notifications.notice", id=shown.id), 303)
    kind = KINDS[shown.kind]
    return redirect(url_for(kind.endpoint, **kind.address(shown.facts)), 303)


@pages.page("/notifications/<int:id>/unread", needs=Notices.READ, on=one(Notice), methods=("POST",))
def keep_unread(shown: Notice) -> ResponseReturnValue:
    """Let it stand among what is new again."""
    reading.keep_unread(actor(), shown)
    flash(_("It stands among what is new again."), "done")
    return redirect(url_for("notifications.own"), 303)


@pages.page("/notifications/read", needs=Notices.OWN, methods=("POST",))
def read_all() -> ResponseReturnValue:
    """Call everything new read; the page that follows offers to take it back."""
    group = request.form.get("group", "")
    moment, count = reading.read_all(actor(), None, group=group if group in [*Group] else "")
    if not count:
        return redirect(url_for("notifications.own"), 303)
    flash(_n("%(num)d message is read.", "%(num)d messages are read.", count), "done")
    return redirect(url_for("notifications.own", read=moment.isoformat()), 303)


@pages.page("/notifications/read/undo", needs=Notices.OWN, methods=("POST",))
def take_back() -> ResponseReturnValue:
    """Take back that everything was called read."""
    moment = _moment(request.form.get("moment", ""))
    count = reading.take_back(actor(), None, moment=moment) if moment else 0
    flash(_n("%(num)d message is new again.", "%(num)d messages are new again.", count), "done" if count else "info")
    return redirect(url_for("notifications.own"), 303)


@pages.page("/notifications/settings", needs=Notices.SETTLE, on=_me, methods=("GET", "POST"), relation="oneself")
def settings(person: Person) -> ResponseReturnValue:
    """How one wants to be told of what, and when not."""
    channels, groups = telling.channels(), told_of(actor())
    every = [(kind, channel) for kinds in groups.values() for kind in kinds for channel in channels]
    form = forms.settings_form(chain.from_iterable(groups.values()), channels)(data=_standing(person, every))
    if form.validate_on_submit() and attempted(form, lambda: _settle(person, form, every)):
        flash(_("Saved. It holds for what you are told from now on."), "done")
        return redirect(url_for("notifications.settings"), 303)
    return render_template(
        "notifications/settings.html",
        form=form,
        person=person,
        channels=channels,
        channel_words=forms.CHANNELS,
        groups=groups,
        group_words=GROUPS,
        name_of=forms.name_of,
    ), (422 if form.errors else 200)


def _standing(person: Person, every: list[tuple[Kind, Channel]]) -> dict[str, Any]:
    chosen, kept = settings_of.chosen(person.id), settings_of.preference(person.id)
    habits = kept or Habits()
    times = {name: getattr(habits, name) for name in ("quiet_from", "quiet_until", "digest_at")}
    fields = {forms.name_of(kind, channel): chosen[kind.name, channel] for kind, channel in every}
    return {**times, "language": kept.language if kept else DEFAULT, **fields}


def _settle(person: Person, form: forms.PreferenceForm, every: list[tuple[Kind, Channel]]) -> None:
    choices = {(kind.name, channel): How(form[forms.name_of(kind, channel)].data) for kind, channel in every}
    times = form.quiet_from.data, form.quiet_until.data, form.digest_at.data
    habits = Habits(*(at for at in times if at is not None))
    services.settle(actor(), person, choices=choices, habits=habits, language=form.language.data)


@pages.page("/notifications/post", needs=Notices.BROWSE)
def post() -> ResponseReturnValue:
    """How the post of an installation stands, and what did not go out."""
    standing = posting.standing()
    return render_template(
        "notifications/post.html",
        shown=cut(posting.trouble(), request.args.get("page", 1, int)),
        standing=standing,
        used={channel for channel, _state in standing},
        waiting_since=posting.oldest_waiting(),
        kinds=KINDS,
        channels=forms.CHANNELS,
        states=forms.STATES,
        shapes=forms.SHAPES,
        why_words=forms.why_words,
    )


@pages.page("/notifications/post/<int:id>/again", needs=Notices.RESEND, on=one(Delivery), methods=("POST",))
def resend(shown: Delivery) -> ResponseReturnValue:
    """Send something again."""
    sending.resend(actor(), shown)
    flash(_("It goes out again."), "done")
    return redirect(url_for("notifications.post"), 303)


def panel(who: Actor) -> str | None:
    """The newest of what is new, for one's home; nothing where nothing is."""
    news = inbox.newest(who.person_id or 0)
    lines = [(notice, *said(notice)) for notice in news]
    return render_template("notifications/panel.html", lines=lines) if news else None


def bell(who: Actor) -> str:
    """The bell in the head of every page, with how many notices are new."""
    return render_template("notifications/bell.html", unread=inbox.unread(who.person_id or 0))
