"""The formats there are: how each is written and read, and what a file of each may be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assessments.bank.formats import gift, gift_reading, moodle, moodle_reading, qti, qti_reading, sheet, sheet_reading
from assessments.bank.formats.document import Entry, Read, Written
from lms.errors import Invalid
from lms.i18n import _, _l
from lms.web.exports import KINDS
from lms.web.intake import Kind, Taken

#: The largest file that is taken.
MOST_BYTES = 20 << 20


@dataclass(frozen=True)
class Format:
    """One format."""

    name: str
    label: object
    suffix: str
    media_type: str
    kinds: frozenset[Kind]
    write: Callable[[Sequence[Entry]], Written]
    read: Callable[[Taken], Read]


_TABLES = frozenset({Kind.XLSX, Kind.TEXT})
#: XML that begins without its declaration is sniffed as text.
_MARKUP = frozenset({Kind.XML, Kind.TEXT})
_PACKAGES = frozenset({Kind.ZIP, Kind.XML, Kind.TEXT})

FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        Format("xlsx", _l("Excel table"), "xlsx", KINDS["xlsx"], _TABLES, sheet.write, sheet_reading.read),
        Format("csv", _l("CSV table"), "csv", KINDS["csv"], _TABLES, sheet.write_csv, sheet_reading.read),
        Format("gift", "GIFT", "gift", gift.MEDIA_TYPE, frozenset({Kind.TEXT}), gift.write, gift_reading.read),
        Format("moodle", "Moodle XML", "xml", moodle.MEDIA_TYPE, _MARKUP, moodle.write, moodle_reading.read),
        Format("qti21", "QTI 2.1", "zip", qti.MEDIA_TYPE, _PACKAGES, qti.write, qti_reading.read),
        Format("qti30", "QTI 3.0", "zip", qti.MEDIA_TYPE, _PACKAGES, qti.write_30, qti_reading.read),
    )
}
#: What any import page takes.
TAKEN = frozenset(kind for one in FORMATS.values() for kind in one.kinds)


def guess(taken: Taken) -> Format:
    """The format of a file, by its content; of text that could be a table or GIFT, by how it begins."""
    if taken.kind is Kind.XLSX:
        return FORMATS["xlsx"]
    if taken.kind is Kind.ZIP:
        return FORMATS["qti21"]
    head = taken.data[:4000]
    if b"<quiz" in head:
        return FORMATS["moodle"]
    if b"assessmentItem" in head or b"qti-assessment-item" in head:
        return FORMATS["qti21"]
    if taken.kind is Kind.XML:
        raise Invalid(_("This XML is neither Moodle's nor QTI."), field="file")
    gift_like = any(mark in taken.data for mark in (b"::", b"{", b"$CATEGORY:", b"// lms "))
    return FORMATS["gift" if gift_like and not taken.name.lower().endswith(".csv") else "csv"]


def read(taken: Taken, name: str = "") -> Read:
    """What a file holds, in the format named or the one it looks like."""
    chosen = FORMATS[name] if name else guess(taken)
    if taken.kind not in chosen.kinds:
        raise Invalid(_("This is not a file of the format %(name)s.", name=str(chosen.label)), field="file")
    return chosen.read(taken)
