"""Judging records of clinical practice: pure arithmetic, and what a label may not give away."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

import rfc8785

from lms.people.rules.identity import check_character

#: Says by which arithmetic a percent was made; raise it with every change of `percent`.
RULES = 1
_CENT = Decimal("0.01")


class Wrong(StrEnum):
    """Why the scores of a record are not taken."""

    NOT_SCORES = "not_scores"
    UNKNOWN_CRITERION = "unknown_criterion"
    MISSING_CRITERION = "missing_criterion"
    NOT_WHOLE = "not_whole"
    ABOVE_MAXIMUM = "above_maximum"


class WrongScores(ValueError):
    """Scores that break a rule; `criterion` says where."""

    def __init__(self, wrong: Wrong, criterion: str = "") -> None:
        super().__init__(wrong.value)
        self.wrong, self.criterion = wrong, criterion


class Identifying(StrEnum):
    """What in a text would tell who the patient is."""

    IDENTITY_NUMBER = "identity_number"
    TELEPHONE = "telephone"
    NAME = "name"


@dataclass(frozen=True)
class Criterion:
    """One thing that a record is looked at for."""

    code: str
    text: str
    points: int


@dataclass(frozen=True)
class Form:
    """What is scored, how many records are needed, what is enough."""

    criteria: tuple[Criterion, ...]
    records_required: int
    pass_percent: Decimal

    @property
    def maximum(self) -> int:
        """All points of one record."""
        return sum(one.points for one in self.criteria)

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Form":
        """From the body of a form's version."""
        return cls(
            criteria=tuple(Criterion(one["code"], one["text"], one["points"]) for one in body["criteria"]),
            records_required=body["records_required"],
            pass_percent=Decimal(str(body["pass_percent"])),
        )


def read(form: Form, sent: Any) -> dict[str, int]:
    """The scores of one record; raises WrongScores naming what is wrong and where."""
    if not isinstance(sent, Mapping):
        raise WrongScores(Wrong.NOT_SCORES)
    known = {one.code for one in form.criteria}
    for code in sent:
        if code not in known:
            raise WrongScores(Wrong.UNKNOWN_CRITERION, str(code)[:80])
    for one in form.criteria:
        given = sent.get(one.code)
        if given is None:
            raise WrongScores(Wrong.MISSING_CRITERION, one.code)
        if type(given) is not int or given < 0:
            raise WrongScores(Wrong.NOT_WHOLE, one.code)
        if given > one.points:
            raise WrongScores(Wrong.ABOVE_MAXIMUM, one.code)
    return {one.code: int(sent[one.code]) for one in form.criteria}


def percent(form: Form, records: Sequence[Mapping[str, int]]) -> Decimal:
    """The mean of the records in percent, exact until it is rounded once, half up, to two places."""
    points = sum(record[one.code] for record in records for one in form.criteria)
    share = Fraction(points * 100, form.maximum * len(records))
    return (Decimal(share.numerator) / Decimal(share.denominator)).quantize(_CENT, ROUND_HALF_UP)


def record_percent(form: Form, scores: Mapping[str, int]) -> Decimal:
    """One record by itself."""
    return percent(form, [scores])


def means(form: Form, records: Sequence[Mapping[str, int]]) -> dict[str, Decimal]:
    """Each criterion's mean points, to one place, for the profile."""
    return {
        one.code: (Decimal(sum(record[one.code] for record in records)) / len(records)).quantize(
            Decimal("0.1"), ROUND_HALF_UP
        )
        for one in form.criteria
    }


def digest(content: Any) -> bytes:
    """SHA-256 of the RFC 8785 form of plain values."""
    return hashlib.sha256(rfc8785.dumps(content)).digest()


_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔"
    "谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文"
)
_IDENTITY = re.compile(r"(?<!\d)(\d{17}[\dXx])(?![\dXx])")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}-?[2-9]\d{6,7}(?!\d)")
#: Between digits people put blanks, dots and dashes.
_JOINTS = re.compile(r"(?<=\d)[\s\-.·]+(?=[\dXx])")
_SAID_NAME = re.compile(r"(?:姓名|名字|[Nn]ame)\s*[:为是叫]?\s*(?!某|[Xx*])[A-Za-z\u4e00-\u9fff]{2,}")
_PATIENT = re.compile(
    rf"(?:患者|病人|病员|家属)\s*(?P<told>[:为是叫])?\s*(?P<name>[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
    r"(?P<after>$|[\s,,。;;、.()\d]|男|女)"
)
#: Words of medicine that begin like a surname.
_NOT_NAMES = re.compile(
    r"^(高血|高龄|高热|高脂|高尿|高钾|高危|白内|白细|白天|马上|石膏|金属|于是|方案|任何|向医|文化|余无|余正|常规|康复|夏季|万一|江边)"
)


def identifying(text: str) -> Identifying | None:
    """What in a text would tell who the patient is: an identity number, a telephone number, a name; or nothing."""
    plain = unicodedata.normalize("NFKC", text)
    joined = _JOINTS.sub("", plain)
    if any(check_character(found[:17]) == found[17].upper() for found in _IDENTITY.findall(joined)):
        return Identifying.IDENTITY_NUMBER
    if _MOBILE.search(joined) or _LANDLINE.search(joined) or _LANDLINE.search(plain):
        return Identifying.TELEPHONE
    if _SAID_NAME.search(plain) or _names_patient(plain):
        return Identifying.NAME
    return None


def _names_patient(plain: str) -> bool:
    return any("某" not in found["name"] and not _NOT_NAMES.match(found["name"]) for found in _PATIENT.finditer(plain))
