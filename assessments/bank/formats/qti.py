"""QTI 2.1 and 3.0: a package with one item for each question, marked by the standard's own templates where they do.

The extension stands in the manifest, in the metadata of each item, where the standard leaves room for other people's
words. The explanation is a rubric for authors, tutors and scorers, whom candidates are not.
"""

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from assessments.bank.formats import extension
from assessments.bank.formats.document import Done, Entry, Report, Written, plain
from assessments.bank.formats.markup import document, node
from assessments.bank.formats.pictures import in_pixels, picture_of, size_of
from assessments.bank.formats.qti_names import QTI21, QTI30, Dialect, to_30
from assessments.bank.formats.qti_reading import EXTENSION, EXTENSION_SPACE, RESPONSE, seen_in
from assessments.bank.rules.content import fraction, number
from assessments.bank.rules.kinds import Kind
from lms.web.markup_files import Node

SUFFIX, MEDIA_TYPE = "zip", "application/zip"
_NCNAME = re.compile(r"[A-Za-z_][\w.-]*")
#: Every packed file is of this moment, so that the same questions give the same bytes.
_WHEN = (2020, 1, 1, 0, 0, 0)


def write(entries: Sequence[Entry], dialect: Dialect = QTI21) -> Written:
    """A package of these questions."""
    files: dict[str, bytes] = {}
    resources: list[Node] = []
    reports: list[Report] = []
    for number_, entry in enumerate(entries, 1):
        name, item = f"items/q{number_}.xml", _item(entry, f"q{number_}", dialect)
        pictures = _pictures(entry)
        seen, _found = seen_in(item, {f"items/{address}": data for address, data in pictures.items()}, "items")
        told = plain(entry)
        files[name] = document(item)
        files |= {f"items/{address}": data for address, data in pictures.items()}
        resources.append(_resource(name, f"q{number_}", extension.line(told, seen), pictures, dialect))
        reports += extension.unseen(told, seen, entry.code)
        if entry.content.body.get("picture") and not pictures:
            reports.append(Report(entry.code, entry.code, "picture", Done.LEFT_OUT, "picture_by_name"))
    files = {"imsmanifest.xml": document(_manifest(resources, dialect)), **files}
    return Written(_zipped(files), tuple(reports))


def write_30(entries: Sequence[Entry]) -> Written:
    """The same as a package of QTI 3.0."""
    return write(entries, QTI30)


def _zipped(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _WHEN), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _manifest(resources: Sequence[Node], dialect: Dialect) -> Node:
    about = node("metadata", node("schema", dialect.schema), node("schemaversion", dialect.version))
    parts = [about, node("organizations"), node("resources", *resources)]
    return node("manifest", *parts, xmlns=dialect.manifest, identifier="questions")


def _resource(href: str, ident: str, line: str, pictures: Mapping[str, bytes], dialect: Dialect) -> Node:
    files = [node("file", href=name) for name in (href, *(f"items/{name}" for name in pictures))]
    about = node("metadata", node(EXTENSION, line, xmlns=EXTENSION_SPACE))
    return node("resource", about, *files, identifier=ident, type=dialect.resource, href=href)


def _pictures(entry: Entry) -> dict[str, bytes]:
    found = picture_of(entry)
    return {f"pictures/{found[0]}": found[1]} if found else {}


def _item(entry: Entry, ident: str, dialect: Dialect) -> Node:
    made = _KINDS[Kind(entry.content.kind)](entry, dialect)
    score = node("outcomeDeclaration", node("defaultValue", node("value", "0")), **_float("SCORE"))
    body = [_explained(entry)] if entry.content.explanation else []
    stem = (f"{entry.series.text}{extension.BETWEEN}" if entry.series else "") + entry.content.stem
    body.append(node("div", *_lines(stem)))
    picture = picture_of(entry)
    if picture and entry.content.kind != Kind.HOTSPOT:
        shown = node("img", src=f"pictures/{picture[0]}", alt=str(entry.content.body.get("alt", "")))
        body.append(node("div", shown))
    whole = node("assessmentItem", made.declaration, score, node("itemBody", *body, made.interaction), made.processing)
    said = {"identifier": ident, "title": entry.code or ident, "adaptive": "false", "timeDependent": "false"}
    whole = Node(whole.name, said, "", "", 0, whole.children)
    whole = to_30(whole) if dialect is QTI30 else whole
    return Node(whole.name, {"xmlns": dialect.items, **whole.attributes}, "", "", 0, whole.children)


def _float(ident: str) -> dict[str, str]:
    return {"identifier": ident, "cardinality": "single", "baseType": "float"}


def _explained(entry: Entry) -> Node:
    return node("rubricBlock", node("div", *_lines(entry.content.explanation)), view="author tutor scorer")


def _lines(text: str) -> list[str | Node]:
    """Words with an element where each line ends."""
    parts: list[str | Node] = []
    for line in text.split("\n"):
        parts += [node("br"), line] if parts else [line]
    return parts


class Made:
    """What differs from kind to kind: what is right, what is asked, how it is marked."""

    def __init__(self, declaration: Node, interaction: Node, processing: Node) -> None:
        self.declaration, self.interaction, self.processing = declaration, interaction, processing


def _declared(cardinality: str, base: str, values: Sequence[str], *more: Node) -> Node:
    right = node("correctResponse", *(node("value", value) for value in values))
    said = {"identifier": RESPONSE, "cardinality": cardinality, "baseType": base}
    return node("responseDeclaration", *([right] if values else []), *more, **said)


def _template(dialect: Dialect, name: str) -> Node:
    return node("responseProcessing", template=dialect.template(name))


def _idents(entry: Entry) -> dict[str, str]:
    """Names of options that XML allows: their own keys where it does."""
    keys = entry.content.keys
    fine = all(_NCNAME.fullmatch(key) for key in keys)
    return {key: key if fine else f"option{at}" for at, key in enumerate(keys, 1)}


def _choice(entry: Entry, dialect: Dialect) -> Made:
    content, named = entry.content, _idents(entry)
    several = content.kind == Kind.MULTIPLE
    choices = [node("simpleChoice", *_lines(text), identifier=named[key]) for key, text in content.options]
    said = {"responseIdentifier": RESPONSE, "shuffle": "false", "maxChoices": "0" if several else "1"}
    right = [named[key] for key in content.keys if key in content.key]
    declared = _declared("multiple" if several else "single", "identifier", right)
    return Made(declared, node("choiceInteraction", *choices, **said), _template(dialect, "match_correct"))


def _key(entry: Entry) -> Mapping[str, Any]:
    return entry.content.key if isinstance(entry.content.key, Mapping) else {}


def _matching(entry: Entry, dialect: Dialect) -> Made:
    content, named, pairs = entry.content, _idents(entry), _key(entry)["pairs"]
    asked = {one["key"]: f"P{at}" for at, one in enumerate(content.body["prompts"], 1)}

    def choice(ident: str, text: str, most: str) -> Node:
        return node("simpleAssociableChoice", *_lines(text), identifier=ident, matchMax=most)

    left = [choice(asked[one["key"]], one["text"], "1") for one in content.body["prompts"]]
    right = [choice(named[key], text, "0") for key, text in content.options]
    said = {"responseIdentifier": RESPONSE, "shuffle": "false", "maxAssociations": str(len(left))}
    shown = node("matchInteraction", node("simpleMatchSet", *left), node("simpleMatchSet", *right), **said)
    values = [f"{asked[prompt]} {named[option]}" for prompt, option in pairs.items()]
    return Made(_declared("multiple", "directedPair", values), shown, _template(dialect, "match_correct"))


def _ordering(entry: Entry, dialect: Dialect) -> Made:
    named = _idents(entry)
    choices = [node("simpleChoice", *_lines(text), identifier=named[key]) for key, text in entry.content.options]
    shown = node("orderInteraction", *choices, responseIdentifier=RESPONSE, shuffle="true")
    declared = _declared("ordered", "identifier", [named[key] for key in _key(entry)["order"]])
    return Made(declared, shown, _template(dialect, "match_correct"))


def _entry(length: int) -> Node:
    return node("div", node("textEntryInteraction", responseIdentifier=RESPONSE, expectedLength=str(length)))


def _short(entry: Entry, dialect: Dialect) -> Made:
    accepted = {words: fraction(worth) for words, worth in _key(entry)["accepted"].items()}
    first = next(words for words, worth in accepted.items() if worth == 1)
    rows = [
        node("mapEntry", mapKey=words, mappedValue=f"{float(worth or 0):.6g}", caseSensitive="false")
        for words, worth in accepted.items()
    ]
    mapping = node("mapping", *rows, defaultValue="0", upperBound="1")
    return Made(_declared("single", "string", [first], mapping), _entry(20), _template(dialect, "map_response"))


def _numeric(entry: Entry, _dialect: Dialect) -> Made:
    key = _key(entry)
    value, tolerance = number(key["value"]), number(key.get("tolerance", "0"))
    asked = [node("variable", identifier=RESPONSE), node("correct", identifier=RESPONSE)]
    equal = node("equal", *asked, toleranceMode="absolute", tolerance=f"{tolerance:f} {tolerance:f}")
    condition = node("responseCondition", node("responseIf", equal, _scored("1")), node("responseElse", _scored("0")))
    return Made(_declared("single", "float", [f"{value:f}"]), _entry(10), node("responseProcessing", condition))


def _scored(value: str) -> Node:
    return node("setOutcomeValue", node("baseValue", value, baseType="float"), identifier="SCORE")


def _hotspot(entry: Entry, dialect: Dialect) -> Made:
    picture = picture_of(entry)
    width, height = (size_of(picture[1]) if picture else None) or (1000, 1000)
    areas = [in_pixels(area, (width, height)) for area in _key(entry)["areas"]]
    rows = [
        node("areaMapEntry", shape=shape, coords=",".join(map(str, points)), mappedValue="1") for shape, points in areas
    ]
    mapping = node("areaMapping", *rows, defaultValue="0", upperBound="1")
    file = f"pictures/{picture[0]}" if picture else "pictures/missing"
    kind = {"jpg": "jpeg"}.get(file.rpartition(".")[2], file.rpartition(".")[2])
    alt = str(entry.content.body.get("alt", ""))
    shown = node("object", alt, type=f"image/{kind}", data=file, width=str(width), height=str(height), alt=alt)
    said = {"responseIdentifier": RESPONSE, "maxChoices": "1"}
    declared = _declared("single", "point", [_middle(areas[0])], mapping)
    return Made(declared, node("selectPointInteraction", shown, **said), _template(dialect, "map_response_point"))


def _middle(area: tuple[str, list[int]]) -> str:
    """A point to show as the right one."""
    shape, points = area
    if shape == "circle":
        return f"{points[0]} {points[1]}"
    xs, ys = points[::2], points[1::2]
    return f"{Decimal(sum(xs)) / len(xs):.0f} {Decimal(sum(ys)) / len(ys):.0f}"


_KINDS: Mapping[Kind, Callable[[Entry, Dialect], Made]] = {
    Kind.SINGLE: _choice,
    Kind.MULTIPLE: _choice,
    Kind.TRUE_FALSE: _choice,
    Kind.MATCHING: _matching,
    Kind.SHORT: _short,
    Kind.NUMERIC: _numeric,
    Kind.ORDERING: _ordering,
    Kind.HOTSPOT: _hotspot,
}
