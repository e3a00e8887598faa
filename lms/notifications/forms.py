"""Forms about being told, and the words of its states."""

import re
from collections.abc import Iterable, Sequence

from wtforms import fields, validators

from lms.i18n import LANGUAGES, _l
from lms.notifications.rules.delivery import State, Why
from lms.notifications.rules.kinds import Channel, How, Kind
from lms.web.forms import Form, options

CHANNELS = {Channel.MAIL: _l("By mail"), Channel.SMS: _l("Text message")}
HOWS = {How.NOW: _l("at once"), How.DAILY: _l("once a day"), How.OFF: _l("not at all")}
STATES = {
    State.WAITING: _l("waiting to go out"),
    State.SENDING: _l("going out"),
    State.SENT: _l("sent"),
    State.FAILED: _l("not sent"),
    State.UNCLEAR: _l("perhaps sent"),
    State.DROPPED: _l("not needed"),
}
SHAPES = {
    State.WAITING: "waiting",
    State.SENDING: "under_way",
    State.SENT: "done",
    State.FAILED: "stopped",
    State.UNCLEAR: "attention",
    State.DROPPED: "paused",
}
WHYS = {
    Why.READ: _l("read in the inbox already"),
    Why.SWITCHED_OFF: _l("switched off"),
    Why.NO_ADDRESS: _l("no address"),
    Why.LEFT: _l("the account is closed"),
    Why.INTERRUPTED: _l("interrupted while it was handed over"),
    Why.NO_SUCH_ADDRESS: _l("not an address"),
    Why.NO_WORDS: _l("the message could not be written"),
    "address refused": _l("the mail server refuses the address"),
    "sender refused": _l("the mail server refuses the sender"),
    "letter refused": _l("the mail server refuses the letter"),
}


def why_words(why: str) -> str:
    """Why something did not go out, with the mail server's number where it gave one."""
    found = re.fullmatch(r"(.*?)(?: \((\d+)\))?", why)
    said, code = (found[1], found[2]) if found else (why, None)
    words = str(WHYS.get(said, said))
    return f"{words} ({code})" if code else words


class PreferenceForm(Form):
    """When one is left alone, the hour of the digest, the language of letters."""

    quiet_from = fields.TimeField(_l("Quiet from"), [validators.InputRequired()])
    quiet_until = fields.TimeField(_l("Quiet until"), [validators.InputRequired()])
    digest_at = fields.TimeField(_l("Digest of the day at"), [validators.InputRequired()])
    language = fields.SelectField(
        _l("Language of letters"), [validators.InputRequired()], choices=options(LANGUAGES.items())
    )


def name_of(kind: Kind, channel: Channel) -> str:
    """The field of a kind and a channel."""
    return f"{channel}-{kind.name}".replace(".", "-")


def settings_form(kinds: Iterable[Kind], channels: Sequence[Channel]) -> type[PreferenceForm]:
    """The form with one choice for each of these kinds and channels."""
    chosen = {
        name_of(kind, channel): fields.SelectField(
            kind.label, choices=options((how, HOWS[how]) for how in kind.choices(channel))
        )
        for kind in kinds
        for channel in channels
    }
    return type("SettingsForm", (PreferenceForm,), chosen)
