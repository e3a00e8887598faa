"""Reads one untrusted XML file, or a zip of them, in a process of its own; run by lms.web.markup_files.

Elements come out as `[name, attributes, text, tail, line, children]`, names without their namespaces' prefixes;
comments and processing instructions are not read. No entity is taken, no definition loaded, no address asked.
"""

import base64
import io
import runpy
import sys
import zipfile
from pathlib import Path
from typing import Any

from lxml import etree

_confinement = runpy.run_path(str(Path(__file__).with_name("confinement.py")))
Refused: Any = _confinement["Refused"]
DEEPEST, MOST_TEXT, LARGEST_PICTURE = 100, 96 << 20, 8 << 20
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def tree(data: bytes, name: str = "") -> list[Any]:
    """The root of one file; refused when it is broken or brings definitions of its own."""
    try:
        root = parsed(data)
    except etree.XMLSyntaxError as wrong:
        raise Refused("broken", line=wrong.lineno or 0, file=name, why=str(wrong.msg)[:200]) from None
    except ValueError:
        raise Refused("broken", line=0, file=name, why="") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused("definitions", file=name)
    return plain(root, name, 0)


def parsed(data: bytes) -> Any:
    """The root; a prefix that nobody declared is forgiven, because well-known tools write such files."""
    parser = parser_of(recover=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        if any(fault.domain != etree.ErrorDomains.NAMESPACE for fault in parser.error_log):
            raise
        return etree.fromstring(data, parser_of(recover=True))


def parser_of(*, recover: bool) -> Any:
    """A parser of its own for every file, because lxml keeps what one file taught it."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


def local(name: str) -> str:
    """A name without its namespace, declared or not."""
    return name.rpartition("}")[2].rpartition(":")[2]


def plain(element: Any, name: str, depth: int) -> list[Any]:
    """One element with all that stands in it."""
    if depth > DEEPEST:
        raise Refused("too deep", file=name, line=element.sourceline or 0)
    if not isinstance(element.tag, str):
        raise Refused("definitions", file=name)
    attributes = {local(key): value for key, value in element.attrib.items()}
    children = [plain(child, name, depth + 1) for child in element]
    return [local(element.tag), attributes, element.text or "", element.tail or "", element.sourceline or 0, children]


def package(data: bytes) -> dict[str, Any]:
    """Every XML file of a zip as a tree, every picture as its bytes, and the names of all else."""
    made: dict[str, Any] = {"trees": {}, "pictures": {}, "others": []}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            low = name.lower()
            if low.endswith(".xml"):
                made["trees"][name] = tree(archive.read(name), name)
            elif low.endswith(PICTURES) and archive.getinfo(name).file_size <= LARGEST_PICTURE:
                made["pictures"][name] = base64.b64encode(archive.read(name)).decode("ascii")
            elif not name.endswith("/"):
                made["others"].append(name)
    return made


def main() -> None:
    """`markup_child.py xml|zip < file > json`."""
    read = package if sys.argv[1] == "zip" else lambda data: {"trees": {"": tree(data)}, "pictures": {}, "others": []}
    _confinement["answer"](read, MOST_TEXT)


if __name__ == "__main__":
    main()
