"""The editor's form, as many lines as a station needs, and the words in which stations are shown."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import InputRequired, Length, Optional

from assessments.stations.models import StationVersion
from assessments.stations.rules import Kind
from assessments.stations.rules.skills import Skill
from assessments.stations.rules.standing import Status
from lms.i18n import _l
from lms.web.forms import ChoicesField, Form, LongTextField, TextField, options
from lms.web.written import plain

KINDS = {
    Kind.STATION: _l("Exam station"),
    Kind.DOPS: _l("DOPS"),
    Kind.MINI_CEX: _l("Mini-CEX"),
    Kind.CBD: _l("Case-based discussion"),
}
SKILLS = {
    Skill.HISTORY: _l("History taking"),
    Skill.CASE_ANALYSIS: _l("Case analysis"),
    Skill.PHYSICAL_EXAM: _l("Physical examination"),
    Skill.PROCEDURE: _l("Procedure"),
    Skill.AUSCULTATION: _l("Auscultation"),
    Skill.IMAGING: _l("Reading images"),
    Skill.ECG: _l("Reading ECGs"),
    Skill.ETHICS: _l("Ethics"),
    Skill.EMERGENCY: _l("Emergency"),
    Skill.COUNSELLING: _l("Counselling"),
}
STATUSES = {
    Status.DRAFT: _l("Draft"),
    Status.APPROVED: _l("Approved"),
    Status.RETURNED: _l("Sent back"),
    Status.WITHDRAWN: _l("Out of use"),
}
SHAPES = {Status.DRAFT: "open", Status.APPROVED: "done", Status.RETURNED: "stopped", Status.WITHDRAWN: "paused"}
#: What a station says beside its checklist, under the names of its body.
PARTS = {
    "title": _l("Title"),
    "technique": _l("Technique"),
    "minutes": _l("Minutes"),
    "candidate": _l("Instructions to the candidate"),
    "examiner": _l("Instructions to the examiner"),
    "patient": _l("Instructions to the standardised patient"),
    "equipment": _l("Equipment"),
    "key_rule": _l("Key rule"),
    "pass_percent": _l("Needed to pass"),
    "levels": _l("Global rating"),
    "items": _l("Checklist"),
}
CHANGES = {
    "gone": _l("Taken out"),
    "new": _l("Added"),
    "moved": _l("Moved"),
    "changed": _l("Says something else"),
}
MOST_ITEMS, MOST_LEVELS = 60, 7
_PARTED = re.compile(r"[\s,;/，、；]+")


class NoteForm(Form):
    """A word beside an approval, if somebody wants to add one."""

    note = TextField(_l("Note"), [Optional(), Length(max=400)])


class ReasonForm(Form):
    """Why a version is not used."""

    reason = LongTextField(_l("Reason"), [InputRequired(), Length(max=400)])


class EditForm(Form):
    """What every station says; the lines of checklist and rating are added by `editor`."""

    title = TextField(_l("Title"))
    title_en = TextField(_l("Title in English"))
    minutes = TextField(_l("Minutes"))
    candidate = LongTextField(_l("Instructions to the candidate"))
    examiner = LongTextField(_l("Instructions to the examiner"))
    patient = LongTextField(_l("Instructions to the standardised patient"), [Optional()])
    equipment = LongTextField(_l("Equipment, one thing a line"), [Optional()])
    rule_items = TextField(_l("Items to be done in full"), [Optional()])
    rule_keys = TextField(_l("Key items among them"), [Optional()])
    pass_percent = TextField(_l("Percent needed to pass"))
    borderline = HiddenField()
    sources = ChoicesField(_l("Rests on"))


class NewForm(EditForm):
    """A station that is not there yet: what it is called for ever comes first."""

    code = TextField(_l("Code"))
    kind = SelectField(_l("What it is for"), choices=options(KINDS.items()))
    skill = SelectField(_l("What it asks for"), [Optional()], choices=options([("", "–"), *SKILLS.items()]))
    technique = SelectField(_l("Technique"), [Optional()])


#: One line of the checklist and of the rating: the field's class, and what it is called on line n.
_LINE: dict[str, tuple[Any, str]] = {
    "item_code": (HiddenField, ""),
    "item_text": (LongTextField, _l("Item %(number)s")),
    "item_points": (TextField, _l("Points of item %(number)s")),
    "item_steps": (TextField, _l("Steps of item %(number)s")),
    "item_critical": (BooleanField, _l("Item %(number)s is critical")),
    "item_key": (BooleanField, _l("Item %(number)s is a key item")),
    "item_optional": (BooleanField, _l("Item %(number)s may stay unseen")),
}
_RANK: dict[str, tuple[Any, str]] = {
    "level_code": (HiddenField, ""),
    "level_zh": (TextField, _l("Level %(number)s")),
    "level_en": (TextField, _l("Level %(number)s in English")),
}


def editor(base: type[EditForm], items: int, ranks: int) -> type[EditForm]:
    """The form with so many lines of checklist and rating."""
    fields: dict[str, Any] = {"lines": range(items), "ranks": range(ranks)}
    for kinds, count in ((_LINE, items), (_RANK, ranks)):
        for at in range(count):
            fields |= {f"{name}_{at}": kind(_called(label, at)) for name, (kind, label) in kinds.items()}
    return type("Editor", (base,), fields)


def _called(label: str, at: int) -> str:
    return str(label) % {"number": at + 1} if label else ""


def counted(sent: Iterable[str]) -> tuple[int, int]:
    """How many lines of checklist and rating a sent form has, as many as a station can have at most."""
    found = {"item_text": 0, "level_zh": 0}
    for name in sent:
        stem, _, at = name.rpartition("_")
        if stem in found and at.isascii() and at.isdigit():
            found[stem] = max(found[stem], int(at) + 1)
    return min(found["item_text"], MOST_ITEMS), min(found["level_zh"], MOST_LEVELS)


def reshaped(form: Any, do: str) -> tuple[dict[str, Any], int, int]:
    """What was typed, after one line of the checklist was added, removed or moved; and how many lines there are."""
    items = _lines(form, _LINE, form.lines)
    verb, _, place = do.partition("-")
    at = int(place) if place.isascii() and place.isdigit() else -1
    if verb == "add" and len(items) < MOST_ITEMS:
        items.append({})
    elif at in form.lines:
        _moved(items, verb, at)
    data = {field.short_name: field.data for field in form if "_" not in field.short_name or field.short_name in _PLAIN}
    for number, line in enumerate(items):
        data |= {f"{name}_{number}": value for name, value in line.items()}
    for number, line in enumerate(_lines(form, _RANK, form.ranks)):
        data |= {f"{name}_{number}": value for name, value in line.items()}
    return data, len(items), len(form.ranks)


_PLAIN = frozenset({"title_en", "rule_items", "rule_keys", "pass_percent"})


def _lines(form: Any, kinds: Mapping[str, object], places: Iterable[int]) -> list[dict[str, Any]]:
    return [{name: form[f"{name}_{at}"].data for name in kinds} for at in places]


def _moved(items: list[dict[str, Any]], verb: str, at: int) -> None:
    if verb == "remove":
        del items[at]
    elif verb == "up" and at > 0:
        items[at - 1], items[at] = items[at], items[at - 1]
    elif verb == "down" and at < len(items) - 1:
        items[at + 1], items[at] = items[at], items[at + 1]


def typed_in(version: StationVersion) -> dict[str, Any]:
    """What the fields show of a version."""
    body = version.body
    rule = body["key_rule"] or {"at_least": None, "with_keys": None}
    data = {name: body[name] for name in ("minutes", "candidate", "examiner", "patient", "pass_percent")}
    data |= {"title": body["title"]["zh"], "title_en": body["title"]["en"], "equipment": "\n".join(body["equipment"])}
    data |= {"rule_items": rule["at_least"], "rule_keys": rule["with_keys"]}
    data |= {"sources": [work["code"] for work in version.sources]}
    for at, item in enumerate(body["items"]):
        data |= _shown_item(at, item)
    for at, level in enumerate(body["levels"]):
        title = level["title"]
        data |= {f"level_code_{at}": level["code"], f"level_zh_{at}": title["zh"], f"level_en_{at}": title["en"]}
        if level["borderline"]:
            data["borderline"] = str(at)
    return data


def _shown_item(at: int, item: Mapping[str, Any]) -> dict[str, Any]:
    names = ("code", "text", "points", "critical", "key")
    shown = {f"item_{name}_{at}": item[name] for name in names}
    return shown | {
        f"item_steps_{at}": " ".join(map(str, item["steps"])),
        f"item_optional_{at}": item.get("optional", False),
    }


def entry(form: Any, taken: Sequence[str] = ()) -> dict[str, Any]:
    """What was typed, as a file of a pack would say it; lines that say nothing are left out.

    `taken` are codes of items that an earlier version has: a new item never gets the code of another one.
    """
    items, levels = written(form)
    codes = _codes([form[f"item_code_{at}"].data for at in items], "item", taken)
    ranks = _codes([form[f"level_code_{at}"].data for at in levels], "level")
    rule = {"at_least": _number(form.rule_items), "of": len(items), "with_keys": _number(form.rule_keys)}
    return {
        "title": {"zh": form.title.data or "", "en": form.title_en.data or ""},
        **{name: form[name].data or "" for name in ("candidate", "examiner", "patient")},
        "minutes": _number(form.minutes),
        "pass_percent": _number(form.pass_percent),
        "equipment": [line.strip() for line in (form.equipment.data or "").split("\n") if line.strip()],
        "items": [_item(form, at, code) for at, code in zip(items, codes, strict=True)],
        "key_rule": rule if rule["at_least"] or rule["with_keys"] else None,
        "rating": {"levels": [_level(form, at, *named) for at, named in zip(levels, enumerate(ranks, 1), strict=True)]},
        "sources": form.sources.data or [],
    }


def written(form: Any) -> tuple[list[int], list[int]]:
    """The lines of checklist and rating that say something."""
    items = [at for at in form.lines if _said(form, at, "item_text", "item_points", "item_steps")]
    return items, [at for at in form.ranks if _said(form, at, "level_zh", "level_en")]


def _said(form: Any, at: int, *names: str) -> bool:
    return any(form[f"{name}_{at}"].data for name in names)


def _number(field: Any) -> str:
    return plain(field.data or "")


def _codes(given: Sequence[str | None], stem: str, taken: Sequence[str] = ()) -> list[str]:
    """The codes of lines; one that has none yet gets the first free number."""
    used = {*taken, *(code for code in given if code)}
    free = (code for number in range(1, 1000) if (code := f"{stem}-{number}") not in used)
    return [code or next(free) for code in given]


def _item(form: Any, at: int, code: str) -> dict[str, Any]:
    steps = [step for step in _PARTED.split(_number(form[f"item_steps_{at}"])) if step]
    return {
        "code": code,
        "text": form[f"item_text_{at}"].data or "",
        "points": _number(form[f"item_points_{at}"]),
        "steps": steps or None,
        **{name: form[f"item_{name}_{at}"].data for name in ("critical", "key", "optional")},
    }


def _level(form: Any, at: int, order: int, code: str) -> dict[str, Any]:
    title = {"zh": form[f"level_zh_{at}"].data or "", "en": form[f"level_en_{at}"].data or ""}
    return {"code": code, "title": title, "order": order, "borderline": form.borderline.data == str(at)}


#: Where a mistake is mended that stands in no line: the place in the file, and the field.
_FIELDS = {
    ("title", "zh"): "title",
    ("title", "en"): "title_en",
    ("key_rule",): "rule_items",
    ("key_rule", "at_least"): "rule_items",
    ("key_rule", "of"): "rule_items",
    ("key_rule", "with_keys"): "rule_keys",
    ("rating", "levels"): "level_zh_0",
    ("items",): "item_text_0",
}


def show_problems(form: Any, problems: Iterable[tuple[tuple[str | int, ...], str]]) -> None:
    """Put what is wrong where it is mended; what has no place stands above the form."""
    lines, ranks = written(form)
    for place, words in problems:
        name = _field_of(place, lines, ranks)
        if name in form:
            form[name].errors = [*form[name].errors, words]
        else:
            form.form_errors = [*form.form_errors, words]


def _field_of(place: tuple[str | int, ...], lines: list[int], ranks: list[int]) -> str:
    match place:
        case ("items", int(at), *rest) if at < len(lines):
            return f"item_{rest[0] if rest else 'text'}_{lines[at]}"
        case ("rating", "levels", int(at), *rest) if at < len(ranks):
            return f"level_{rest[-1] if rest else 'zh'}_{ranks[at]}"
    return _FIELDS.get(tuple(part for part in place if isinstance(part, str)), str(place[0]) if place else "")
