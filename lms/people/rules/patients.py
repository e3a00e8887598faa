"""What in a free text would tell who a patient is: notes about care are kept, the people cared for are not named."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from lms.people.rules.identity import check_character


class Kind(StrEnum):
    """By what a patient would be known."""

    IDENTITY_NUMBER = "identity_number"
    TELEPHONE = "telephone"
    NAME = "name"


@dataclass(frozen=True)
class Trace:
    """The first words of a text by which a patient would be known."""

    kind: Kind
    words: str


_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔"
    "谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文"
)
_IDENTITY = re.compile(r"(?<!\d)(\d{17}[\dXx])(?![\dXx])")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}-?[2-9]\d{6,7}(?!\d)")
#: Between digits people put blanks, dots and dashes.
_JOINTS = re.compile(r"(?<=\d)[\s\-.·]+(?=[\dXx])")
#: After a colon or “is” anything is a name; after a blank only what begins like one, so that checking names is no name.
_SAID_NAME = re.compile(
    r"(?:姓名|名字|[Nn]ame)(?:"
    r"\s*[:为是叫]\s*(?!某|[Xx*])[A-Za-z\u4e00-\u9fff]{2,}"
    rf"|\s+(?:[{_SURNAMES}](?!某)[\u4e00-\u9fff]{{1,2}}|[A-Z][a-z]+))"
)
_PATIENT = re.compile(
    rf"(?:患者|病人|病员|家属)\s*[:为是叫]?\s*(?P<name>[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
    r"(?:$|[\s,。;、.()\d]|男|女)"
)
#: What one says of patients that begins like a surname.
_NOT_NAMES = re.compile(
    "高[血龄热脂尿钾危烧压度兴]|白[内细天带]|马上|石[膏淋]|金[属黄]|方[案便面]|任[何意]|向[医我前]|文化|余[无正下]|康复"
    "|夏[季天]|万一|江边|严重|黄[疸染]|谢绝|孙[子女]|雷诺|毛[发囊]|何[时处]|顾虑|许[可多]|叶酸|付[费清]|戴[口镜眼手上着]"
    "|易[怒于醒疲感]|常[规有伴在见于因诉年感]|曾[于经在有因用做被患行]|程度|史[清不]"
    "|于[是昨今本当上下前后同门我家夜凌早晚每外院入出术急一二三四五六七八九十]"
)


def trace(text: str) -> Trace | None:
    """The first thing by which a patient would be known: an identity number, a telephone number, a name; or nothing."""
    plain = unicodedata.normalize("NFKC", text)
    joined = _JOINTS.sub("", plain)
    for found in _IDENTITY.finditer(joined):
        if check_character(found[1][:17]) == found[1][17].upper():
            return Trace(Kind.IDENTITY_NUMBER, found[1])
    called = _MOBILE.search(joined) or _LANDLINE.search(joined) or _LANDLINE.search(plain)
    if called:
        return Trace(Kind.TELEPHONE, called[0])
    said = _SAID_NAME.search(plain)
    named = said[0] if said else _named(plain)
    return Trace(Kind.NAME, named) if named else None


def _named(plain: str) -> str:
    found = (one["name"] for one in _PATIENT.finditer(plain))
    return next((name for name in found if "某" not in name and not _NOT_NAMES.match(name)), "")
