"""The two dialects of QTI: everything is made and read as 2.1; 3.0 has other names for the same things."""

import re
from dataclasses import dataclass, replace

from lms.web.markup_files import Node

_HTML = frozenset(
    re.findall(
        r"\w+",
        """a abbr address article aside audio b bdi bdo blockquote br caption cite code col colgroup dd dfn div dl dt em
        figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img kbd label li object ol p picture pre q rp rt ruby
        samp section small source span strong sub sup table tbody td tfoot th thead time tr track tt u ul var video
        math svg""",
    )
)


@dataclass(frozen=True)
class Dialect:
    """One version of QTI: what its files, its manifest and its templates of response processing are called."""

    name: str
    items: str
    manifest: str
    schema: str
    version: str
    resource: str
    templates: str
    suffix: str

    def template(self, name: str) -> str:
        """The address that names a standard way of marking; nothing is ever fetched from it."""
        return f"{self.templates}{name}{self.suffix}"


QTI21 = Dialect(
    name="qti21",
    items="http://www.imsglobal.org/xsd/imsqti_v2p1",
    manifest="http://www.imsglobal.org/xsd/imscp_v1p1",
    schema="QTIv2.1 Package",
    version="1.0.0",
    resource="imsqti_item_xmlv2p1",
    templates="http://www.imsglobal.org/question/qti_v2p1/rptemplates/",
    suffix="",
)
QTI30 = Dialect(
    name="qti30",
    items="http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
    manifest="http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
    schema="QTI Package",
    version="3.0.0",
    resource="imsqti_item_xmlv3p0",
    templates="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/",
    suffix=".xml",
)


def to_30(one: Node) -> Node:
    """An element of 2.1 by its names in 3.0."""
    children = tuple(to_30(child) for child in one.children)
    if one.name == "object":
        said = {"src": one.get("data"), "alt": one.get("alt")}
        said |= {name: one.get(name) for name in ("width", "height") if one.get(name)}
        return replace(one, name="img", attributes=said, text="", children=())
    if one.name in _HTML:
        return replace(one, children=children)
    if one.name == "rubricBlock":
        body = Node("qti-content-body", {}, one.text, "", one.line, children)
        one, children = replace(one, text="", attributes={"use": "scoring", **one.attributes}), (body,)
    said = {_kebab(name): value for name, value in one.attributes.items()}
    return replace(one, name=f"qti-{_kebab(one.name)}", attributes=said, children=children)


def to_21(one: Node) -> Node:
    """An element by its names in 2.1, whichever it came with."""
    children = tuple(to_21(child) for child in one.children)
    if not one.name.startswith("qti-"):
        return replace(one, children=children)
    said = {name if name.startswith("data-") else _camel(name): value for name, value in one.attributes.items()}
    return replace(one, name=_camel(one.name.removeprefix("qti-")), attributes=said, children=children)


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"-{found[1].lower()}", name)


def _camel(name: str) -> str:
    return re.sub(r"-([a-z0-9])", lambda found: found[1].upper(), name)
