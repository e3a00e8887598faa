"""Reading QTI 2.1, 2.2 and 3.0, packages and single items: what this bank has no word for is named, item by item."""

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

from assessments.bank.formats import extension
from assessments.bank.formats.document import MOST_ITEMS, Done, Item, Notes, Read, Report
from assessments.bank.formats.pictures import per_mille, size_of, taken
from assessments.bank.formats.plaintext import Plain, from_node
from assessments.bank.formats.qti_names import to_21
from assessments.bank.formats.shares import letters, right_of
from assessments.bank.rules.content import number
from assessments.bank.rules.kinds import Kind
from lms.errors import Invalid, TooLarge
from lms.i18n import _
from lms.web import markup_files
from lms.web.intake import Kind as FileKind
from lms.web.intake import Taken
from lms.web.markup_files import Files, Node

RESPONSE = "RESPONSE"
EXTENSION, EXTENSION_SPACE = "clinicalskills", "urn:clinical-skills:question:1"
#: Elements of an item that would make it another question than its words say.
_REFUSED = {"templateDeclaration", "templateProcessing", "templateBlock", "templateInline", "printedVariable"}
_LEFT_OUT = {
    "modalFeedback": "feedback",
    "feedbackInline": "feedback",
    "feedbackBlock": "feedback",
    "stylesheet": "not_here",
    "assessmentStimulusRef": "stimulus",
    "companionMaterialsInfo": "not_here",
    "infoControl": "not_here",
    "positionObjectStage": "no_such_kind",
    "catalogInfo": "not_here",
    "hottext": "no_such_kind",
}


@dataclass(frozen=True)
class _Beside:
    """The pictures of the package, the folder of the item, and the pictures found in it, by their hash."""

    pictures: Mapping[str, bytes]
    folder: str
    found: dict[str, bytes]

    def picture(self, address: str) -> bytes | None:
        """The bytes of a picture that an item names."""
        return self.pictures.get(posixpath.normpath(posixpath.join(self.folder, unquote(address))))


def read(file: Taken) -> Read:
    """Every item of a package, or the one item of a file; raises Invalid where it is neither."""
    files = markup_files.read(file.data, file.kind)
    if file.kind is not FileKind.ZIP:
        root = to_21(files.trees[""])
        if root.name != "assessmentItem":
            raise Invalid(_("This is no QTI item: it begins with <%(name)s>.", name=root.name[:40]), field="file")
        return Read((_item(root, "", file.name, files.pictures, ""),))
    return _package(files)


def _package(files: Files) -> Read:
    manifest = next((name for name in sorted(files.trees, key=len) if name.endswith("imsmanifest.xml")), None)
    if manifest is None:
        raise Invalid(_("This package has no imsmanifest.xml."), field="file")
    base = posixpath.dirname(manifest)
    items: list[Item] = []
    used = {manifest}
    said: list[Report] = []
    for resource in (one for one in files.trees[manifest].walk() if one.name == "resource"):
        href = posixpath.normpath(posixpath.join(base, unquote(resource.get("href"))))
        root = files.trees.get(href)
        used.add(href)
        if "item" in resource.get("type") and root is not None and to_21(root).name == "assessmentItem":
            own = next((one.words for one in resource.walk() if one.name == EXTENSION), "")
            items.append(_item(to_21(root), own.strip(), href, files.pictures, posixpath.dirname(href)))
        else:
            said.append(Report(href, href, resource.get("type")[:60] or "resource", Done.LEFT_OUT, "no_item"))
        if len(items) > MOST_ITEMS:
            raise TooLarge(_("There are more than %(most)s questions in the file. Split it.", most=MOST_ITEMS))
    stray = [name for name in (*files.trees, *files.others) if name not in used and not name.endswith(".xsd")]
    said += [Report(name, name, name[-60:], Done.LEFT_OUT, "file_unused") for name in stray]
    return Read(tuple(items), tuple(said))


def _item(item: Node, own: str, where: str, pictures: Mapping[str, bytes], folder: str) -> Item:
    notes = Notes(where, (item.get("title") or item.get("identifier"))[:80])
    seen, found = seen_in(item, pictures, folder, notes)
    return extension.item(seen, own, notes, found)


def seen_in(
    item: Node, pictures: Mapping[str, bytes], folder: str, notes: Notes | None = None
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What the item's own words say of a question, and its picture; what else they say is noted."""
    notes = notes or Notes("", "")
    item = to_21(item)
    body = item.first("itemBody") or Node("itemBody", {}, "", "", 0, ())
    asked = [one for one in body.walk() if one.name.endswith("Interaction")]
    seen: dict[str, Any] = {"code": item.get("title") if _plain_code(item) else ""}
    _mind(item, notes)
    beside = _Beside(pictures, folder, {})
    text = from_node(body, lambda one: one.name.endswith("Interaction") or one.name in ("rubricBlock", *_LEFT_OUT))
    prompts = [from_node(one).text for one in body.walk() if one.name == "prompt"]
    seen["stem"] = "\n".join(part for part in (text.text, *prompts) if part)
    notes.lost(text.lost)
    shown = _picture(text, beside, notes)
    if shown:
        seen["body"] = shown
    seen["explanation"] = "\n".join(_rubrics(body, notes))
    if len(asked) != 1:
        names = ", ".join(dict.fromkeys(one.name for one in asked))
        notes.refuse(names or "itemBody", "several_interactions" if asked else "no_question")
    elif asked[0].name not in _READERS:
        notes.refuse(asked[0].name, "no_such_kind")
    else:
        _READERS[asked[0].name](_Asked(item, asked[0], beside, notes), seen)
    return {name: value for name, value in seen.items() if value not in ("", {})}, beside.found


def _plain_code(item: Node) -> bool:
    """Whether the title of an item can be the code of a question."""
    title = item.get("title")
    return title.isascii() and " " not in title and 0 < len(title) <= 80


def _rubrics(body: Node, notes: Notes) -> list[str]:
    """Rubrics that candidates do not see explain; those they see are named."""
    told = []
    for rubric in (one for one in body.walk() if one.name == "rubricBlock"):
        if "candidate" in rubric.get("view").split():
            notes.left_out("rubricBlock", "not_here")
        else:
            made = from_node(rubric)
            notes.lost({name: gone for name, gone in made.lost.items() if name != "contentBody"})
            told.append(made.text)
    return told


def _mind(item: Node, notes: Notes) -> None:
    """Name everything in an item that is not taken."""
    for one in item.walk():
        if one.name in _REFUSED:
            notes.refuse(one.name, "varies")
        elif one.name in _LEFT_OUT and one.words.strip() + one.get("href"):
            notes.left_out(one.name, _LEFT_OUT[one.name])
    for name in ("adaptive", "timeDependent"):
        if item.get(name) == "true":
            notes.left_out(name, "not_here")


def _picture(text: Plain, beside: _Beside, notes: Notes) -> dict[str, str]:
    body: dict[str, str] = {}
    for address, alt in text.pictures:
        data = beside.picture(address)
        if data is None or body:
            notes.left_out(f"<img {address[:40]}>", "picture_elsewhere" if data is None else "one_picture")
            continue
        body, named = taken(data, alt, address, notes)
        beside.found.update(named)
    return body


class _Asked:
    """One interaction with the declaration that says what is right, and how the item is marked."""

    def __init__(self, item: Node, shown: Node, beside: _Beside, notes: Notes) -> None:
        self.shown, self.beside, self.notes = shown, beside, notes
        ident = shown.get("responseIdentifier")
        declared = [one for one in item.all("responseDeclaration") if one.get("identifier") == ident]
        self.declared = declared[0] if declared else Node("responseDeclaration", {}, "", "", 0, ())
        self.processing = item.first("responseProcessing")
        right = self.declared.first("correctResponse")
        self.right = [one.words.strip() for one in right.all("value")] if right else []
        self.mapping = self.declared.first("mapping", "areaMapping")

    @property
    def template(self) -> str:
        """The standard way in which the item is marked, or ""."""
        address = self.processing.get("template") if self.processing else ""
        return posixpath.basename(address).removesuffix(".xml")

    def mind_processing(self, *known: str) -> None:
        """Say so where the item is marked in another way than these."""
        if self.processing is None:
            self.notes.changed("responseProcessing", "no_processing")
        elif self.template not in known:
            self.notes.left_out(f"responseProcessing {self.template}".strip(), "processing")

    def options(self, holder: Node | None = None) -> dict[str, str]:
        """The options by their names; looks and pictures in them are named."""
        told = {}
        for one in (holder or self.shown).all("simpleChoice", "simpleAssociableChoice"):
            made = from_node(one, lambda inner: inner.name in _LEFT_OUT)
            self.notes.lost(made.lost)
            for address, _alt in made.pictures:
                self.notes.left_out(f"<img {address[:40]}>", "one_picture")
            told[one.get("identifier")] = made.text
        return told

    def keys(self, options: Mapping[str, str]) -> dict[str, str]:
        """The bank's keys for these names: the names themselves where they are letters."""
        if all(len(name) == 1 and "A" <= name <= "Z" for name in options):
            return {name: name for name in options}
        keys = dict(zip(options, letters(len(options)), strict=False))
        if len(keys) < len(options):
            self.notes.refuse(self.shown.name, "too_many_options")
        return {name: keys.get(name, "?") for name in options}


def _choice(asked: _Asked, seen: dict[str, Any]) -> None:
    options = asked.options()
    keys = asked.keys(options)
    several = asked.declared.get("cardinality") == "multiple"
    if asked.template == "map_response" and asked.mapping is not None:
        shares = _mapped(asked, list(options), several=several)
    else:
        asked.mind_processing("match_correct")
        whole = Fraction(1, max(1, len(asked.right))) if several else Fraction(1)
        shares = [whole if name in asked.right else Fraction(0) for name in options]
    found = right_of(shares, one=not several, notes=asked.notes)
    if found:
        names = list(options)
        seen |= {"kind": found[0], "options": [[keys[name], text] for name, text in options.items()]}
        seen["key"] = [keys[names[at]] for at in found[1]]


def _mapped(asked: _Asked, names: list[str], *, several: bool) -> list[Fraction]:
    """The shares that a mapping gives, by the most it can give."""
    rows = asked.mapping.all("mapEntry") if asked.mapping else []
    told = {row.get("mapKey"): number(row.get("mappedValue")) for row in rows}
    values = [Fraction(told.get(name) or 0) for name in names]
    good = [value for value in values if value > 0]
    most = (sum(good) if several else max(good, default=Fraction(0))) or Fraction(1)
    return [value / most for value in values]


def _matching(asked: _Asked, seen: dict[str, Any]) -> None:
    asked.mind_processing("match_correct")
    sets = asked.shown.all("simpleMatchSet")
    pairs = [tuple(value.split()) for value in asked.right]
    if len(sets) != 2 or any(len(pair) != 2 for pair in pairs):
        asked.notes.refuse("matchInteraction", "not_pairs")
        return
    prompts, options = asked.options(sets[0]), asked.options(sets[1])
    if sorted(left for left, _right in pairs) != sorted(prompts):
        asked.notes.refuse("matchInteraction", "not_pairs")
        return
    keys = asked.keys(options)
    asks = {name: str(at) for at, name in enumerate(prompts, 1)}
    seen |= {"kind": Kind.MATCHING.value, "options": [[keys[name], text] for name, text in options.items()]}
    told = [{"key": asks[name], "text": text} for name, text in prompts.items()]
    seen["body"] = seen.get("body", {}) | {"prompts": told}
    seen["key"] = {"pairs": {asks[left]: keys.get(right, "?") for left, right in pairs}}


def _ordering(asked: _Asked, seen: dict[str, Any]) -> None:
    asked.mind_processing("match_correct")
    options = asked.options()
    keys = asked.keys(options)
    seen |= {"kind": Kind.ORDERING.value, "options": [[keys[name], text] for name, text in options.items()]}
    seen["key"] = {"order": [keys.get(name, "?") for name in asked.right]}


def _entry(asked: _Asked, seen: dict[str, Any]) -> None:
    if asked.declared.get("baseType") in ("float", "integer"):
        _numeric(asked, seen)
    else:
        _short(asked, seen)


def _short(asked: _Asked, seen: dict[str, Any]) -> None:
    accepted = dict.fromkeys(asked.right, "1")
    if asked.template == "map_response" and asked.mapping is not None:
        rows = asked.mapping.all("mapEntry")
        shares = _mapped(asked, [row.get("mapKey") for row in rows], several=False)
        accepted = {row.get("mapKey"): str(_near(worth)) for row, worth in zip(rows, shares, strict=True) if worth > 0}
        if any(row.get("caseSensitive") == "true" for row in rows):
            asked.notes.left_out("caseSensitive", "case_of_letters")
    else:
        asked.mind_processing("match_correct")
    if accepted:
        seen |= {"kind": Kind.SHORT.value, "options": [], "key": {"accepted": accepted}}
    else:
        asked.notes.refuse("correctResponse", "nothing_accepted")


def _near(share: Fraction) -> Fraction:
    near = share.limit_denominator(60)
    return near if abs(near - share) < Fraction(1, 10**5) else share


def _numeric(asked: _Asked, seen: dict[str, Any]) -> None:
    value = asked.right[0] if len(asked.right) == 1 else ""
    tolerance = "0"
    equal = [one for one in asked.processing.walk() if one.name == "equal"] if asked.processing else []
    if asked.template or len(equal) != 1 or equal[0].get("toleranceMode", "exact") == "relative":
        asked.mind_processing("match_correct")
    else:
        tolerance = (equal[0].get("tolerance").split() or ["0"])[0]
    if number(value) is None or number(tolerance) is None:
        asked.notes.refuse("correctResponse", "not_a_number")
        return
    key = {"value": value, "tolerance": tolerance, "units": []}
    seen |= {"kind": Kind.NUMERIC.value, "options": [], "key": key}


def _point(asked: _Asked, seen: dict[str, Any]) -> None:
    asked.mind_processing("map_response_point")
    shown = next((one for one in asked.shown.walk() if one.name in ("object", "img")), None)
    address = shown.get("data") or shown.get("src") if shown else ""
    data = asked.beside.picture(address) or b""
    size = size_of(data)
    if shown is None or size is None:
        asked.notes.refuse("object", "no_picture")
        return
    told = [number(shown.get(name)) for name in ("width", "height")]
    if None not in told and all(one for one in told):
        size = (int(told[0] or 1), int(told[1] or 1))
    rows = asked.mapping.all("areaMapEntry") if asked.mapping else []
    areas = [area for row in rows if (area := _area(row, size, asked.notes)) is not None]
    if len(areas) < len(rows):
        asked.notes.left_out("areaMapEntry", "unknown_area")
    body, found = taken(data, shown.get("alt") or shown.words.strip(), address, asked.notes)
    asked.beside.found.update(found)
    seen |= {"kind": Kind.HOTSPOT.value, "options": [], "body": body, "key": {"areas": areas}}


def _area(row: Node, size: tuple[int, int], notes: Notes) -> dict[str, Any] | None:
    numbers = [number(part) for part in row.get("coords").split(",")]
    if any(one is None for one in numbers) or (number(row.get("mappedValue")) or 0) <= 0:
        return None
    return per_mille(row.get("shape"), [float(one) for one in numbers if one is not None], size, notes)


_READERS: Mapping[str, Callable[[_Asked, dict[str, Any]], None]] = {
    "choiceInteraction": _choice,
    "matchInteraction": _matching,
    "orderInteraction": _ordering,
    "textEntryInteraction": _entry,
    "selectPointInteraction": _point,
}
